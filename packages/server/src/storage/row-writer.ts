/**
 * Durable insertion of many rows, for the one table that every signature writes to.
 *
 * SQLite syncs the disk inside the call, and a server that waits for the disk answers nobody. So on the embedded
 * database these rows are written on another thread, over a connection of its own. PostgreSQL waits elsewhere
 * anyway; there one statement takes all rows as arrays.
 */
import { startThread, type Thread } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type pg from 'pg'
import type { ServerRefusal } from '../signing/refusals.ts'

/** A table by name, with its columns in the order of a row and their types in PostgreSQL. */
export interface RowTarget {
  readonly table: string
  readonly columns: Readonly<Record<string, 'bytea' | 'text' | 'integer' | 'bigint'>>
}

export type Row = readonly (Uint8Array | string | number)[]

export interface RowWriter {
  /**
   * Durable when it returns: all of them. Rows whose key is there already stay as they are.
   * @throws Refusal `store-unavailable` once it is closed: a request may be worked on for longer than the process serves
   */
  insert(target: RowTarget, rows: readonly Row[]): Promise<void>
  /** When what is under way has been written. */
  close(): Promise<void>
}

export function postgresRowWriter(pool: pg.Pool): RowWriter {
  return {
    async insert({ table, columns }, rows) {
      const names = Object.keys(columns)
      const arrays = Object.values(columns).map((type, i) => `$${i + 1}::${type}[]`)
      const text = `insert into ${table} (${names}) select * from unnest(${arrays}) on conflict do nothing`
      const values = names.map((_, column) => rows.map(row => bound(row[column])))
      await pool.query({ name: `insert ${table}`, text, values })
    },
    close: async () => {},
  }
}

/** pg spells a plain Uint8Array in an array as JSON; a Buffer as bytes. */
function bound(value: Row[number] | undefined): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

/** What the thread is asked: one transaction. */
export interface Insertion {
  readonly sql: string
  readonly rows: readonly Row[]
}

const ROW_THREAD = new URL('./sqlite-row-thread.ts', import.meta.url)

/** The thread starts with the first rows. @param path of a database whose tables are there by then */
export function sqliteRowWriter(path: string): RowWriter {
  let thread: Thread<Insertion, void> | undefined
  let closed = false
  const underWay = new Set<Promise<void>>()
  return {
    async insert({ table, columns }, rows) {
      if (closed) throw new Refusal<ServerRefusal>('store-unavailable')
      const names = Object.keys(columns)
      const sql = `insert into ${table} (${names}) values (${names.map(() => '?')}) on conflict do nothing`
      thread ??= startThread(ROW_THREAD, path)
      const written = thread.ask({ sql, rows })
      underWay.add(written)
      try {
        await written
      } finally {
        underWay.delete(written)
      }
    },
    async close() {
      closed = true
      await Promise.allSettled(underWay)
      await thread?.end()
    },
  }
}
