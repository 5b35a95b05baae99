/**
 * Commits to the SQLite file: one transaction a group, on a connection of its own.
 *
 * A file that was exchanged for another under the open connection would swallow commits, so its identity is
 * compared before each.
 */
import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LogName } from '@natsuin/protocol/log'
import { bytesIn, numberIn, openSqliteFile } from './sqlite-file.ts'
import { type CommitOutcome, type Group, type GroupMember, isSameTail, type LogTail } from './store.ts'

export class SqliteCommits {
  readonly #path: string
  readonly #identity: string
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepare>

  /** @param identity of the file that was opened for reading */
  constructor(path: string, identity: string) {
    this.#path = path
    this.#identity = identity
    this.#database = openSqliteFile(path)
    this.#statements = prepare(this.#database)
  }

  commit(group: Group): CommitOutcome {
    if (identityOf(this.#path) !== this.#identity) return { outcome: 'log-differs' }
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const outcome = this.#write(group)
      this.#database.exec(outcome.outcome === 'committed' ? 'COMMIT' : 'ROLLBACK')
      return outcome
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #write(group: Group): CommitOutcome {
    const { log } = group
    if (!isSameTail(this.#tail(log), group.tail)) return { outcome: 'log-differs' }
    const unmet = group.members.flatMap((member, i) => (this.#apply(member) ? [] : [i]))
    if (unmet.length > 0) return { outcome: 'conflict', members: unmet }
    const { append, subtree } = this.#statements
    for (const { index, leaf, hash, head = null } of group.rows) append.run(log, index, leaf, hash, head)
    for (const { level, index, hash } of group.subtrees) subtree.run(log, level, index, hash)
    this.#statements.forgetNonces.run(group.expired)
    for (const { kind, id } of group.erased ?? []) this.#statements.erase.run(kind, id)
    if (group.forgetBefore) this.#statements.forgetLeaves.run(log, group.forgetBefore)
    return { outcome: 'committed' }
  }

  #apply({ records, nonces }: GroupMember): boolean {
    const { insert, update, spend } = this.#statements
    const changed = [
      ...records.map(({ kind, id, version, sealed }) =>
        version === 1
          ? insert.run(kind, id, version, sealed)
          : update.run(version, sealed, kind, id, version - 1),
      ),
      ...nonces.map(({ nonce, expiresAt }) => spend.run(nonce, expiresAt)),
    ]
    return changed.every(({ changes }) => changes === 1)
  }

  #tail(log: LogName): LogTail | undefined {
    const row = this.#statements.tail.get(log)
    return row === undefined ? undefined : { index: numberIn(row, 'idx'), hash: bytesIn(row, 'hash') }
  }
}

function prepare(database: DatabaseSync) {
  const of = (sql: string): StatementSync => database.prepare(sql)
  return {
    insert: of('INSERT INTO records (kind, id, version, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    update: of('UPDATE records SET version = ?, sealed = ? WHERE kind = ? AND id = ? AND version = ?'),
    spend: of('INSERT INTO nonces (nonce, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    forgetNonces: of('DELETE FROM nonces WHERE expires_at < ?'),
    erase: of('DELETE FROM records WHERE kind = ? AND id = ?'),
    forgetLeaves: of('DELETE FROM leaves WHERE log = ? AND idx < ?'),
    append: of('INSERT INTO leaves (log, idx, leaf, hash, head) VALUES (?, ?, ?, ?, ?)'),
    subtree: of('INSERT INTO subtrees (log, level, idx, hash) VALUES (?, ?, ?, ?)'),
    tail: of('SELECT idx, hash FROM leaves WHERE log = ? ORDER BY idx DESC LIMIT 1'),
  }
}

/** Device and inode. */
export function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 }
  return `${dev}:${ino}`
}
