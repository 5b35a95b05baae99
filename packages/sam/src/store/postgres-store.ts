/**
 * The store in PostgreSQL, for deployments that want a standby (synchronous: what is acknowledged is on both) or
 * several SAMs.
 *
 * Two connections write, one for each log; a few read. A group is judged and written by a handful of statements over
 * arrays, so its cost does not grow with its members. Rows that exist are locked before they are judged, in one order
 * for everybody; of rows that do not, unique keys decide who was first. Nothing relies on the state of a session; a
 * connection that was lost is replaced, and what became of its last commit is read back by the journal.
 */
import type { LogName } from '@natsuin/protocol/log'
import pg from 'pg'
import { LEASE_MILLISECONDS } from '../lease/lease.ts'
import { PostgresRegister, REGISTER_SCHEMA } from './postgres-register.ts'
import type { SamRegister } from './sam-register.ts'
import {
  type CommitOutcome,
  type Group,
  isSameTail,
  type LogRow,
  type LogTail,
  type RecordKey,
  type SpentNonce,
  type Store,
  type StoredRecord,
  StoreError,
  unavailable,
} from './store.ts'

/** In the comment of the schema, which every role can read. */
const VERSION = 'version 1'
/** A schema of its own: the SAM's role owns it and nobody else is let in. */
const SCHEMA = `
  CREATE SCHEMA natsuin_sam;
  COMMENT ON SCHEMA natsuin_sam IS '${VERSION}';
  CREATE TABLE natsuin_sam.records (
    kind text NOT NULL, id text NOT NULL, version integer NOT NULL, sealed bytea NOT NULL,
    PRIMARY KEY (kind, id)
  );
  CREATE TABLE natsuin_sam.nonces (nonce bytea PRIMARY KEY, expires_at bigint NOT NULL);
  CREATE INDEX nonces_by_expiry ON natsuin_sam.nonces (expires_at);
  CREATE TABLE natsuin_sam.leaves (
    log text NOT NULL, idx bigint NOT NULL, leaf bytea NOT NULL, hash bytea NOT NULL, head bytea,
    PRIMARY KEY (log, idx)
  );
  CREATE TABLE natsuin_sam.subtrees (
    log text NOT NULL, level integer NOT NULL, idx bigint NOT NULL, hash bytea NOT NULL,
    PRIMARY KEY (log, level, idx)
  );
`

/** Prepared once per connection. Arrays, because the number of rows differs from group to group. */
const SQL = {
  record: 'SELECT version, sealed FROM natsuin_sam.records WHERE kind = $1 AND id = $2',
  tail: 'SELECT idx, hash FROM natsuin_sam.leaves WHERE log = $1 ORDER BY idx DESC LIMIT 1',
  rows: `SELECT idx, leaf, hash, head FROM natsuin_sam.leaves
    WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT $3`,
  leafHashes: 'SELECT hash FROM natsuin_sam.leaves WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx',
  subtreeHashes: `SELECT hash FROM natsuin_sam.subtrees
    WHERE log = $1 AND level = $2 AND idx >= $3 AND idx < $4 ORDER BY idx`,
  versions: `SELECT r.kind, r.id, r.version FROM natsuin_sam.records r
    JOIN unnest($1::text[], $2::text[]) AS k(kind, id) ON r.kind = k.kind AND r.id = k.id
    ORDER BY r.kind, r.id FOR UPDATE OF r`,
  spent: 'SELECT nonce FROM natsuin_sam.nonces WHERE nonce = ANY($1::bytea[])',
  insertRecords: `INSERT INTO natsuin_sam.records (kind, id, version, sealed)
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[]) ON CONFLICT DO NOTHING`,
  updateRecords: `UPDATE natsuin_sam.records r SET version = n.version, sealed = n.sealed
    FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[]) AS n(kind, id, version, sealed)
    WHERE r.kind = n.kind AND r.id = n.id`,
  spend: `INSERT INTO natsuin_sam.nonces (nonce, expires_at)
    SELECT * FROM unnest($1::bytea[], $2::bigint[]) ON CONFLICT DO NOTHING`,
  erase: `DELETE FROM natsuin_sam.records r USING unnest($1::text[], $2::text[]) AS k(kind, id)
    WHERE r.kind = k.kind AND r.id = k.id`,
  forgetLeaves: 'DELETE FROM natsuin_sam.leaves WHERE log = $1 AND idx < $2',
  forget: 'DELETE FROM natsuin_sam.nonces WHERE expires_at < $1',
  append: `INSERT INTO natsuin_sam.leaves (log, idx, leaf, hash, head)
    SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) ON CONFLICT DO NOTHING`,
  subtrees: `INSERT INTO natsuin_sam.subtrees (log, level, idx, hash)
    SELECT $1, * FROM unnest($2::integer[], $3::bigint[], $4::bytea[])`,
} as const

const WRITERS = 2
const READERS = 4
const ANSWER_MILLISECONDS = 10_000

/** @param url of a database whose role may create a schema @throws StoreError `store-exists` */
export async function createPostgresStore(url: string): Promise<Store> {
  const store = new PostgresStore(url)
  try {
    await store.create()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

/** @throws StoreError `store-missing`, `store-version` */
export async function openPostgresStore(url: string): Promise<Store> {
  const store = new PostgresStore(url)
  try {
    await store.checkExists()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

class PostgresStore implements Store {
  readonly sams: SamRegister
  readonly #writer: pg.Pool
  readonly #readers: pg.Pool
  readonly #registrar: pg.Pool

  constructor(url: string) {
    this.#writer = openPool(url, WRITERS, ANSWER_MILLISECONDS)
    this.#readers = openPool(url, READERS, ANSWER_MILLISECONDS)
    this.#registrar = openPool(url, 1, LEASE_MILLISECONDS)
    this.sams = new PostgresRegister(this.#registrar)
  }

  async create(): Promise<void> {
    if ((await this.#version()) !== undefined)
      throw new StoreError('store-exists', 'the database has a schema natsuin_sam')
    await this.#writer.query(`BEGIN; ${SCHEMA} ${REGISTER_SCHEMA} COMMIT`)
  }

  async checkExists(): Promise<void> {
    const version = await this.#version()
    if (version === undefined) throw new StoreError('store-missing', 'the database has no schema natsuin_sam')
    if (version !== VERSION)
      throw new StoreError('store-version', `the schema natsuin_sam is not of ${VERSION}`)
  }

  async read({ kind, id }: RecordKey): Promise<StoredRecord | undefined> {
    const [row] = await this.#select<{ version: number; sealed: Buffer }>('record', [kind, id])
    return row === undefined ? undefined : { kind, id, version: row.version, sealed: plain(row.sealed) }
  }

  async commit(group: Group): Promise<CommitOutcome> {
    let client: pg.PoolClient
    try {
      client = await this.#writer.connect()
    } catch (cause) {
      return { outcome: 'not-committed', cause }
    }
    let broken = true
    try {
      const outcome = await transact(client, group)
      broken = outcome.outcome === 'not-committed'
      return outcome
    } finally {
      // A connection whose transaction broke off is closed: the server rolls back whatever was open on it.
      client.release(broken)
    }
  }

  /** The server may be at a commit whose client is long gone. Whoever writes one of its rows waits for it. */
  async attemptsEnded({ log, rows }: Group): Promise<void> {
    const client = await this.#writer.connect()
    let broken = true
    try {
      await client.query('BEGIN')
      await append(client, { log, rows: rows.slice(-1), subtrees: [] })
      await client.query('ROLLBACK')
      broken = false
    } finally {
      client.release(broken)
    }
  }

  async isSpent(nonce: Uint8Array): Promise<boolean> {
    return (await this.#select('spent', [[Buffer.from(nonce)]])).length > 0
  }

  async tail(log: LogName): Promise<LogTail | undefined> {
    const [row] = await this.#select<TailRow>('tail', [log])
    return tailOf(row)
  }

  async rows(log: LogName, from: number, count: number): Promise<readonly LogRow[]> {
    const rows = await this.#select<LeafRow>('rows', [log, from, count])
    return rows.map(({ idx, leaf, hash, head }) => ({
      index: Number(idx),
      leaf: plain(leaf),
      hash: plain(hash),
      ...(head !== null && { head: plain(head) }),
    }))
  }

  async hashes(log: LogName, level: number, from: number, count: number): Promise<readonly Uint8Array[]> {
    const rows =
      level === 0
        ? await this.#select<{ hash: Buffer }>('leafHashes', [log, from, from + count])
        : await this.#select<{ hash: Buffer }>('subtreeHashes', [log, level, from, from + count])
    return rows.map(({ hash }) => plain(hash))
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer.end(), this.#readers.end(), this.#registrar.end()])
  }

  /** Undefined when there is no schema. */
  async #version(): Promise<string | undefined> {
    const { rows } = await this.#writer.query<{ version: string }>(
      "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') AS version FROM pg_namespace WHERE nspname = 'natsuin_sam'",
    )
    return rows[0]?.version
  }

  async #select<Row extends pg.QueryResultRow>(name: keyof typeof SQL, values: unknown[]): Promise<Row[]> {
    try {
      const { rows } = await this.#readers.query<Row>({ name, text: SQL[name], values })
      return rows
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

interface TailRow {
  /** bigint, which pg gives as text. */
  readonly idx: string
  readonly hash: Buffer
}

interface LeafRow extends TailRow {
  readonly leaf: Buffer
  readonly head: Buffer | null
}

/** @param answerMilliseconds how long a statement may take: a server that is gone does not always say so */
function openPool(connectionString: string, max: number, answerMilliseconds: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: 'natsuin-sam',
    connectionTimeoutMillis: answerMilliseconds,
    query_timeout: answerMilliseconds,
    // A connection of which only the server still knows must not keep its locks.
    idle_in_transaction_session_timeout: answerMilliseconds,
    keepAlive: true,
  })
  // A connection that the server closes is replaced at the next use; one in use also tells its query. Without listeners,
  // it would end us.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

/** A group that somebody came before while it was being judged: it is judged again. */
interface Overtaken {
  readonly outcome: 'overtaken'
  readonly cause?: unknown
}
const OVERTAKEN: Overtaken = { outcome: 'overtaken' }

/** The database ended our transaction for another's sake, and nothing of it remains (serialization, deadlock). */
const ROLLED_BACK: ReadonlySet<unknown> = new Set(['40001', '40P01'])
const MAX_ATTEMPTS = 10

/** @throws when the commit itself broke off: it may have taken place */
async function transact(client: pg.PoolClient, group: Group): Promise<CommitOutcome> {
  let outcome = await attempted(client, group)
  for (let attempts = 1; outcome.outcome === 'overtaken' && attempts < MAX_ATTEMPTS; attempts += 1) {
    await client.query('ROLLBACK')
    outcome = await attempted(client, group)
  }
  if (outcome.outcome === 'overtaken') return { outcome: 'not-committed', cause: outcome.cause }
  if (outcome.outcome === 'not-committed') return outcome
  await client.query(outcome.outcome === 'committed' ? 'COMMIT' : 'ROLLBACK')
  return outcome
}

async function attempted(client: pg.PoolClient, group: Group): Promise<CommitOutcome | Overtaken> {
  try {
    // What a role or a database was told to do by default decides neither what is durable nor what is seen.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit TO on')
    return await attempt(client, group)
  } catch (cause) {
    const { code } = Object(cause) as { code?: unknown }
    return { outcome: ROLLED_BACK.has(code) ? 'overtaken' : 'not-committed', cause }
  }
}

async function attempt(client: pg.PoolClient, group: Group): Promise<CommitOutcome | Overtaken> {
  const { log, tail, members } = group
  const versions = await readVersions(client, members)
  const known = new Set(versions.keys())
  const spent = await readSpent(client, members)
  // After the locks: records that another writer of this log changed meanwhile are his leaf's doing.
  const { rows } = await query<TailRow>(client, 'tail', [log])
  if (!isSameTail(tailOf(rows[0]), tail)) return { outcome: 'log-differs' }
  const unmet = members.flatMap((member, i) => (meets(member, versions, spent) ? [] : [i]))
  if (unmet.length > 0) return { outcome: 'conflict', members: unmet }
  if (!(await append(client, group))) return { outcome: 'log-differs' }
  return (await writeMembers(client, group, known)) ? { outcome: 'committed' } : OVERTAKEN
}

type Members = Group['members']

async function readVersions(client: pg.PoolClient, members: Members): Promise<Map<string, number>> {
  const records = members.flatMap(member => member.records)
  const keys = [records.map(({ kind }) => kind), records.map(({ id }) => id)]
  const { rows } = await query<{ kind: string; id: string; version: number }>(client, 'versions', keys)
  return new Map(rows.map(({ kind, id, version }) => [nameOf({ kind, id }), version]))
}

async function readSpent(client: pg.PoolClient, members: Members): Promise<Set<string>> {
  const nonces = members.flatMap(member => member.nonces.map(({ nonce }) => Buffer.from(nonce)))
  if (nonces.length === 0) return new Set()
  const { rows } = await query<{ nonce: Buffer }>(client, 'spent', [nonces])
  return new Set(rows.map(({ nonce }) => nonce.toString('hex')))
}

/** Judges one member after those before it, whose records and nonces count as written. */
function meets(
  { records, nonces }: Members[number],
  versions: Map<string, number>,
  spent: Set<string>,
): boolean {
  const hold = records.map(record => {
    const follows = (versions.get(nameOf(record)) ?? 0) === record.version - 1
    if (follows) versions.set(nameOf(record), record.version)
    return follows
  })
  const unspent = nonces.map(({ nonce }) => {
    const text = Buffer.from(nonce).toString('hex')
    const fresh = !spent.has(text)
    spent.add(text)
    return fresh
  })
  return [...hold, ...unspent].every(Boolean)
}

const nameOf = ({ kind, id }: RecordKey) => `${kind}\n${id}`

/** False when another writer's leaves stand there by now. */
async function append(
  client: pg.PoolClient,
  { log, rows, subtrees, forgetBefore }: Pick<Group, 'log' | 'rows' | 'subtrees' | 'forgetBefore'>,
): Promise<boolean> {
  const { rowCount } = await query(client, 'append', [
    log,
    rows.map(({ index }) => index),
    rows.map(({ leaf }) => Buffer.from(leaf)),
    rows.map(({ hash }) => Buffer.from(hash)),
    rows.map(({ head }) => (head === undefined ? null : Buffer.from(head))),
  ])
  if (rowCount !== rows.length) return false
  if (subtrees.length > 0) {
    await query(client, 'subtrees', [
      log,
      subtrees.map(({ level }) => level),
      subtrees.map(({ index }) => index),
      subtrees.map(({ hash }) => Buffer.from(hash)),
    ])
  }
  if (forgetBefore) await query(client, 'forgetLeaves', [log, forgetBefore])
  return true
}

/** False when somebody else made one of the records, or spent one of the nonces, that did not exist a moment ago. */
async function writeMembers(
  client: pg.PoolClient,
  { members, expired, erased = [] }: Group,
  known: ReadonlySet<string>,
): Promise<boolean> {
  // A record that two members write has its last version here: one statement cannot write a row twice.
  const records = [
    ...new Map(members.flatMap(m => m.records).map(record => [nameOf(record), record])).values(),
  ]
  const isKnown = (record: StoredRecord) => known.has(nameOf(record))
  await putRecords(client, 'updateRecords', records.filter(isKnown))
  const made = records.filter(record => !isKnown(record))
  if ((await putRecords(client, 'insertRecords', made)) !== made.length) return false
  if (erased.length > 0)
    await query(client, 'erase', [erased.map(({ kind }) => kind), erased.map(({ id }) => id)])
  const nonces = members.flatMap(member => member.nonces)
  return (await spend(client, nonces, expired)) === nonces.length
}

/** How many rows it wrote. */
async function putRecords(
  client: pg.PoolClient,
  name: 'updateRecords' | 'insertRecords',
  records: readonly StoredRecord[],
): Promise<number> {
  if (records.length === 0) return 0
  // In one order for everybody: two writers who need the same rows wait for each other, and not in a circle.
  const sorted = records.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const { rowCount } = await query(client, name, [
    sorted.map(({ kind }) => kind),
    sorted.map(({ id }) => id),
    sorted.map(({ version }) => version),
    sorted.map(({ sealed }) => Buffer.from(sealed)),
  ])
  return rowCount ?? 0
}

/** How many nonces were unspent. */
async function spend(client: pg.PoolClient, nonces: readonly SpentNonce[], expired: number): Promise<number> {
  if (nonces.length === 0) return 0
  const { rowCount } = await query(client, 'spend', [
    nonces.map(({ nonce }) => Buffer.from(nonce)),
    nonces.map(({ expiresAt }) => expiresAt),
  ])
  await query(client, 'forget', [expired])
  return rowCount ?? 0
}

function query<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  name: keyof typeof SQL,
  values: unknown[],
) {
  return client.query<Row>({ name, text: SQL[name], values })
}

function tailOf(row: TailRow | undefined): LogTail | undefined {
  return row === undefined ? undefined : { index: Number(row.idx), hash: plain(row.hash) }
}

/** A Uint8Array proper: pg gives Buffers, whose methods differ. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer)
}
