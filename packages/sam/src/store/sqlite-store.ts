/**
 * The store in one SQLite file: write-ahead log, `synchronous=FULL`, so that a commit that returned is on disk.
 *
 * Everything is synchronous, which is what makes it fast; the group commit above it amortises the sync. A file
 * that was exchanged for another under the open connection would swallow commits, so its identity is compared
 * before each.
 */
import { chmodSync, existsSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { LogName } from '@natsuin/protocol/log'
import {
  type CommitOutcome,
  type Group,
  type GroupMember,
  isSameTail,
  type LogRow,
  type LogTail,
  type RecordKey,
  type Store,
  type StoredRecord,
  StoreError,
} from './store.ts'

const SCHEMA = `
  CREATE TABLE records (
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE nonces (nonce BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX nonces_by_expiry ON nonces (expires_at);
  CREATE TABLE leaves (
    log TEXT NOT NULL, idx INTEGER NOT NULL, leaf BLOB NOT NULL, hash BLOB NOT NULL, head BLOB,
    PRIMARY KEY (log, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE subtrees (
    log TEXT NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (log, level, idx)
  ) STRICT, WITHOUT ROWID;
`

/** @throws StoreError `store-exists` */
export function createSqliteStore(path: string): Store {
  if (existsSync(path)) throw new StoreError('store-exists', `there is already a store at ${path}`)
  const database = openDatabase(path)
  // The files beside it, of the write-ahead log, take over its mode.
  chmodSync(path, 0o600)
  database.exec(SCHEMA)
  return new SqliteStore(path, database)
}

/** @throws StoreError `store-missing` */
export function openSqliteStore(path: string): Store {
  if (!existsSync(path)) throw new StoreError('store-missing', `there is no store at ${path}`)
  return new SqliteStore(path, openDatabase(path))
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 })
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  return database
}

class SqliteStore implements Store {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepare>
  readonly #inode: string

  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#database = database
    this.#statements = prepare(database)
    this.#inode = identityOf(path)
  }

  async read({ kind, id }: RecordKey): Promise<StoredRecord | undefined> {
    const row = this.#statements.record.get(kind, id)
    return row === undefined
      ? undefined
      : { kind, id, version: numberIn(row, 'version'), sealed: bytesIn(row, 'sealed') }
  }

  async commit(group: Group): Promise<CommitOutcome> {
    if (identityOf(this.#path) !== this.#inode) return { outcome: 'log-differs' }
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

  async tail(log: LogName): Promise<LogTail | undefined> {
    return this.#tail(log)
  }

  async rows(log: LogName, from: number, count: number): Promise<readonly LogRow[]> {
    return this.#statements.rows.all(log, from, count).map(row => ({
      index: numberIn(row, 'idx'),
      leaf: bytesIn(row, 'leaf'),
      hash: bytesIn(row, 'hash'),
      ...(row['head'] !== null && { head: bytesIn(row, 'head') }),
    }))
  }

  async hashes(log: LogName, level: number, from: number, count: number): Promise<readonly Uint8Array[]> {
    const rows =
      level === 0
        ? this.#statements.leafHashes.all(log, from, from + count)
        : this.#statements.subtreeHashes.all(log, level, from, from + count)
    return rows.map(row => bytesIn(row, 'hash'))
  }

  async close(): Promise<void> {
    this.#database.close()
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
    record: of('SELECT version, sealed FROM records WHERE kind = ? AND id = ?'),
    insert: of('INSERT INTO records (kind, id, version, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    update: of('UPDATE records SET version = ?, sealed = ? WHERE kind = ? AND id = ? AND version = ?'),
    spend: of('INSERT INTO nonces (nonce, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    forgetNonces: of('DELETE FROM nonces WHERE expires_at < ?'),
    append: of('INSERT INTO leaves (log, idx, leaf, hash, head) VALUES (?, ?, ?, ?, ?)'),
    subtree: of('INSERT INTO subtrees (log, level, idx, hash) VALUES (?, ?, ?, ?)'),
    tail: of('SELECT idx, hash FROM leaves WHERE log = ? ORDER BY idx DESC LIMIT 1'),
    rows: of('SELECT idx, leaf, hash, head FROM leaves WHERE log = ? AND idx >= ? ORDER BY idx LIMIT ?'),
    leafHashes: of('SELECT hash FROM leaves WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx'),
    subtreeHashes: of(
      'SELECT hash FROM subtrees WHERE log = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx',
    ),
  }
}

function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 }
  return `${dev}:${ino}`
}

type Row = Record<string, unknown>

function numberIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`)
  return value
}

function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not bytes`)
  return value
}
