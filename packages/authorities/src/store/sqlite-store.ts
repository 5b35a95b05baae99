/**
 * The store on the embedded database: `node:sqlite`, write-ahead log, `synchronous=FULL`, so that a write that
 * was acknowledged is on the disk.
 *
 * One process per store: CRL numbers and renewals are decided in memory. A second database file beside it,
 * locked as long as the process lives, sees to that; the kernel releases it, however the process ends.
 */
import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { CertificateRow, CertificateState, Store } from './store.ts'

/** Makes an empty store. @throws Error when there is one already */
export function createSqliteStore(path: string): Store {
  if (existsSync(path)) throw new Error(`${path} exists already`)
  const database = openDatabase(path)
  database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
  return new SqliteStore(database, lock(path))
}

/** Opens a store that `createSqliteStore` made. @throws Error when it is missing, of another version, or in use */
export function openSqliteStore(path: string): Store {
  if (!existsSync(path)) throw new Error(`${path} is missing; \`found\` creates it`)
  const held = lock(path)
  const database = openDatabase(path)
  const version = database.prepare('PRAGMA user_version').get()?.['user_version']
  if (version !== SCHEMA_VERSION) throw new Error(`${path} is no store of version ${SCHEMA_VERSION}`)
  return new SqliteStore(database, held)
}

const SCHEMA_VERSION = 1
const SCHEMA = `
  CREATE TABLE authority (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE certificate (
    key_digest TEXT PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX certificate_revoked ON certificate (state) WHERE state = 'revoked';
  CREATE TABLE time_stamp (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    next_serial INTEGER NOT NULL
  ) STRICT;
  INSERT INTO time_stamp VALUES (1, 1);
`

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  return database
}

function lock(path: string): DatabaseSync {
  const held = new DatabaseSync(`${path}.lock`)
  try {
    held.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    held.close()
    throw new Error(`${path} is in use by another process`, { cause: error })
  }
  return held
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #lock: DatabaseSync
  readonly #statements: Statements

  constructor(database: DatabaseSync, held: DatabaseSync) {
    this.#database = database
    this.#lock = held
    this.#statements = prepareStatements(database)
  }

  async authority(name: string): Promise<Uint8Array | undefined> {
    const row = this.#statements.authority.get(name)
    return row === undefined ? undefined : bytes(row['sealed'])
  }

  async putAuthority(name: string, sealed: Uint8Array): Promise<void> {
    this.#statements.putAuthority.run(name, sealed)
  }

  async certificateByKey(keyDigest: string): Promise<CertificateRow | undefined> {
    return rowOf(this.#statements.byKey.get(keyDigest))
  }

  async certificateBySerial(serial: string): Promise<CertificateRow | undefined> {
    return rowOf(this.#statements.bySerial.get(serial))
  }

  async insertCertificate({ keyDigest, serial, state, sealed }: CertificateRow): Promise<boolean> {
    return this.#statements.insert.run(keyDigest, serial, state, sealed).changes === 1
  }

  async moveCertificate(from: CertificateState, row: CertificateRow): Promise<boolean> {
    const { keyDigest, serial, state, sealed } = row
    return this.#statements.move.run(state, sealed, keyDigest, serial, from).changes === 1
  }

  async revokedCertificates(): Promise<readonly CertificateRow[]> {
    return this.#statements.revoked.all().flatMap(row => rowOf(row) ?? [])
  }

  async takeTimeStampSerials(floor: number, count: number): Promise<number> {
    const row = this.#statements.takeSerials.get(floor, count)
    return Number(row?.['next_serial']) - count
  }

  async nextTimeStampSerial(): Promise<number> {
    return Number(this.#statements.nextSerial.get()?.['next_serial'])
  }

  async close(): Promise<void> {
    this.#database.close()
    this.#lock.close()
  }
}

type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(database: DatabaseSync) {
  const columns = 'SELECT key_digest, serial, state, sealed FROM certificate'
  return {
    authority: database.prepare('SELECT sealed FROM authority WHERE name = ?'),
    putAuthority: database.prepare(
      'INSERT INTO authority VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed',
    ),
    byKey: database.prepare(`${columns} WHERE key_digest = ?`),
    bySerial: database.prepare(`${columns} WHERE serial = ?`),
    // A taken serial number is no conflict to pass over: it would mean that the module's generator repeats.
    insert: database.prepare(
      'INSERT INTO certificate VALUES (?, ?, ?, ?) ON CONFLICT (key_digest) DO NOTHING',
    ),
    move: database.prepare(
      'UPDATE certificate SET state = ?, sealed = ? WHERE key_digest = ? AND serial = ? AND state = ?',
    ),
    revoked: database.prepare(`${columns} WHERE state = 'revoked'`),
    takeSerials: database.prepare(
      'UPDATE time_stamp SET next_serial = max(next_serial, ?) + ? WHERE one = 1 RETURNING next_serial',
    ),
    nextSerial: database.prepare('SELECT next_serial FROM time_stamp WHERE one = 1'),
  } satisfies Record<string, StatementSync>
}

type Columns = ReturnType<StatementSync['get']>

function rowOf(row: Columns): CertificateRow | undefined {
  if (row === undefined) return undefined
  return {
    keyDigest: String(row['key_digest']),
    serial: String(row['serial']),
    // Anything else in the column was written by somebody else, and fails when the seal is opened.
    state: String(row['state']) as CertificateState,
    sealed: bytes(row['sealed']),
  }
}

function bytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
