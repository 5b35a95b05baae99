/** An SQLite file as every connection of ours opens it, and typed columns of its rows. */
import { DatabaseSync } from 'node:sqlite'

/** Write-ahead log, `synchronous=FULL`: a commit that returned is on disk. */
export function openSqliteFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 })
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  // What is deleted is overwritten: some of it is deleted because it must not be known any more.
  database.exec('PRAGMA secure_delete = ON')
  return database
}

type Row = Record<string, unknown>

export function numberIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`)
  return value
}

export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is not bytes`)
  return value
}
