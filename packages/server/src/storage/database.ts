/** Opens the database that the configuration names, and closes it. Where the dialects differ, they differ here. */
import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  SqliteAdapter,
  SqliteDialect,
} from 'kysely'
import pg from 'pg'
import { openNodeSqlite } from './node-sqlite.ts'
import { postgresRowWriter, type RowWriter, sqliteRowWriter } from './row-writer.ts'
import type { Tables } from './tables.ts'

export type Dialect = 'sqlite' | 'postgres'

export type DatabaseLocation = { readonly sqlite: string } | { readonly postgres: { readonly url: string } }

export interface Database {
  readonly dialect: Dialect
  readonly tables: Kysely<Tables>
  /** For rows that come with every signature. */
  readonly rowWriter: RowWriter
  close(): Promise<void>
}

export function openDatabase(location: DatabaseLocation): Database {
  return 'sqlite' in location ? openSqlite(location.sqlite) : openPostgres(location.postgres.url)
}

function openSqlite(path: string): Database {
  const tables = new Kysely<Tables>({ dialect: new AtomicSqlite({ database: openNodeSqlite(path) }) })
  return together('sqlite', tables, sqliteRowWriter(path))
}

/** SQLite takes a change of the schema back as it does any other; kysely lets each dialect say so. */
class AtomicSqlite extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new AtomicSqliteAdapter()
  }
}

class AtomicSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function openPostgres(url: string): Database {
  const pool = openPool(url)
  const tables = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: discarding(pool) }) })
  return together('postgres', tables, postgresRowWriter(pool))
}

function together(dialect: Dialect, tables: Kysely<Tables>, rowWriter: RowWriter): Database {
  const close = async () => {
    await rowWriter.close()
    await tables.destroy()
  }
  return { dialect, tables, rowWriter, close }
}

/** Instants and counters stay far below 2^53, so they are numbers here; PostgreSQL would give them as texts. */
const INT8 = 20
const POOL_SIZE = 16
/** How long the database may take: one that is gone does not always say so. */
const ANSWER_MILLISECONDS = 10_000

function openPool(url: string): pg.Pool {
  const types: pg.CustomTypesConfig = {
    getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    types,
    connectionTimeoutMillis: ANSWER_MILLISECONDS,
    query_timeout: ANSWER_MILLISECONDS,
    keepAlive: true,
  })
  // A connection that breaks is replaced at the next query; one in use also tells its query. Without listeners, it ends us.
  pool.on('error', () => undefined)
  pool.on('connect', client => client.on('error', () => undefined))
  return pool
}

/** A connection that broke off in the middle of a query may never answer again: it does not go back to the others. */
function discarding(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    connect: async () => discardingClient(await pool.connect()),
    end: () => pool.end(),
  }
}

function discardingClient(client: pg.PoolClient): PostgresPoolClient {
  let broken = false
  return {
    query: (async (sql: string, parameters: unknown[]) => {
      try {
        return await client.query(sql, parameters)
      } catch (error) {
        broken ||= !(error instanceof pg.DatabaseError)
        throw error
      }
      // Kysely asks for a cursor only to stream, which nothing here does.
    }) as unknown as PostgresPoolClient['query'],
    release: () => client.release(broken),
  }
}
