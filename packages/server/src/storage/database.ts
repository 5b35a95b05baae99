/** Opens the database that the configuration names, and closes it. Where the dialects differ, they differ here. */
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
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
  const tables = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openNodeSqlite(path) }) })
  return together('sqlite', tables, sqliteRowWriter(path))
}

function openPostgres(url: string): Database {
  const pool = openPool(url)
  const tables = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
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

function openPool(url: string): pg.Pool {
  const types: pg.CustomTypesConfig = {
    getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
  }
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, types })
  // An idle connection that breaks is replaced at the next query, which reports what is wrong.
  pool.on('error', () => undefined)
  return pool
}
