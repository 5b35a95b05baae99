/**
 * The store in one SQLite file.
 *
 * It is read here, synchronously, which is fast. It is written on another thread, because a commit ends with the
 * disk's sync: the group commit above shares one among many, and the SAM works on meanwhile.
 */
import { chmodSync, existsSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LogName } from '@natsuin/protocol/log'
import { type HeldFile, holdFile, isSqliteOutage, startThread, type Thread } from '@natsuin/protocol/node'
import { identityOf } from './sqlite-commit.ts'
import { bytesIn, numberIn, openSqliteFile } from './sqlite-file.ts'
import {
  type CommitOutcome,
  type Group,
  type LogRow,
  type LogTail,
  type RecordKey,
  type Store,
  type StoredRecord,
  StoreError,
  unavailable,
} from './store.ts'

const VERSION = 1
const SCHEMA = `
  PRAGMA user_version = ${VERSION};
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

/** @throws StoreError `store-exists`, `store-in-use` */
export function createSqliteStore(path: string): Store {
  if (existsSync(path)) throw new StoreError('store-exists', `there is already a store at ${path}`)
  const held = holdBeside(path)
  const database = openSqliteFile(path)
  // The files beside it, of the write-ahead log, take over its mode.
  chmodSync(path, 0o600)
  database.exec(SCHEMA)
  return new SqliteStore(path, database, held)
}

/** @throws StoreError `store-missing`, `store-in-use`, `store-version` */
export function openSqliteStore(path: string): Store {
  if (!existsSync(path)) throw new StoreError('store-missing', `there is no store at ${path}`)
  const held = holdBeside(path)
  const database = openSqliteFile(path)
  if (database.prepare('PRAGMA user_version').get()?.['user_version'] === VERSION) {
    return new SqliteStore(path, database, held)
  }
  database.close()
  held.release()
  throw new StoreError('store-version', `the store at ${path} is not of version ${VERSION}`)
}

/**
 * Held as long as the process lives: an SQLite file has one SAM, whose memory nobody else's writes may contradict.
 * @throws StoreError `store-in-use`
 */
function holdBeside(path: string): HeldFile {
  const held = holdFile(`${path}.lock`)
  if (held === undefined) throw new StoreError('store-in-use', `another process has the store at ${path}`)
  return held
}

export interface CommitThreadData {
  readonly path: string
  readonly identity: string
}

const COMMIT_THREAD = new URL('./sqlite-commit-thread.ts', import.meta.url)

class SqliteStore implements Store {
  readonly sams = undefined
  readonly #database: DatabaseSync
  readonly #held: HeldFile
  readonly #statements: ReturnType<typeof prepare>
  readonly #commits: Thread<Group, CommitOutcome>

  constructor(path: string, database: DatabaseSync, held: HeldFile) {
    this.#database = database
    this.#held = held
    this.#statements = prepare(database)
    const data: CommitThreadData = { path, identity: identityOf(path) }
    this.#commits = startThread(COMMIT_THREAD, data)
  }

  async read({ kind, id }: RecordKey): Promise<StoredRecord | undefined> {
    const row = reading(() => this.#statements.record.get(kind, id))
    return row === undefined
      ? undefined
      : { kind, id, version: numberIn(row, 'version'), sealed: bytesIn(row, 'sealed') }
  }

  commit(group: Group): Promise<CommitOutcome> {
    return this.#commits.ask(group)
  }

  /** Whatever the thread answers, its transaction has ended by then. */
  async attemptsEnded(): Promise<void> {}

  async isSpent(nonce: Uint8Array): Promise<boolean> {
    return this.#statements.spent.get(nonce) !== undefined
  }

  async tail(log: LogName): Promise<LogTail | undefined> {
    const row = reading(() => this.#statements.tail.get(log))
    return row === undefined ? undefined : { index: numberIn(row, 'idx'), hash: bytesIn(row, 'hash') }
  }

  async rows(log: LogName, from: number, count: number): Promise<readonly LogRow[]> {
    return reading(() => this.#statements.rows.all(log, from, count)).map(row => ({
      index: numberIn(row, 'idx'),
      leaf: bytesIn(row, 'leaf'),
      hash: bytesIn(row, 'hash'),
      ...(row['head'] !== null && { head: bytesIn(row, 'head') }),
    }))
  }

  async hashes(log: LogName, level: number, from: number, count: number): Promise<readonly Uint8Array[]> {
    const { leafHashes, subtreeHashes } = this.#statements
    const rows = reading(() =>
      level === 0
        ? leafHashes.all(log, from, from + count)
        : subtreeHashes.all(log, level, from, from + count),
    )
    return rows.map(row => bytesIn(row, 'hash'))
  }

  async close(): Promise<void> {
    await this.#commits.end()
    this.#database.close()
    this.#held.release()
  }
}

/** @throws StoreError `store-unavailable` when the disk does not let it */
function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw isSqliteOutage(error) ? unavailable(error) : error
  }
}

function prepare(database: DatabaseSync) {
  const of = (sql: string): StatementSync => database.prepare(sql)
  return {
    record: of('SELECT version, sealed FROM records WHERE kind = ? AND id = ?'),
    spent: of('SELECT 1 FROM nonces WHERE nonce = ?'),
    tail: of('SELECT idx, hash FROM leaves WHERE log = ? ORDER BY idx DESC LIMIT 1'),
    rows: of('SELECT idx, leaf, hash, head FROM leaves WHERE log = ? AND idx >= ? ORDER BY idx LIMIT ?'),
    leafHashes: of('SELECT hash FROM leaves WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx'),
    subtreeHashes: of(
      'SELECT hash FROM subtrees WHERE log = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx',
    ),
  }
}
