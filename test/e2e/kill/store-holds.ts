/**
 * Holds a process at a point of its work by its database, from outside: a trap that keeps it busy inside one
 * statement, or the write lock that it needs next. For points that have no failpoint.
 */
import { DatabaseSync } from 'node:sqlite'

/** Until it is disposed of, a process never comes out of an INSERT into, or an UPDATE of, this table. */
export function setTrap(path: string, event: 'INSERT' | 'UPDATE', table: string): Disposable {
  using database = new DatabaseSync(path, { timeout: 5000 })
  database.exec(`CREATE TRIGGER trap AFTER ${event} ON ${table} BEGIN
    SELECT (WITH RECURSIVE spin(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM spin WHERE n < 1e15)
            SELECT count(*) FROM spin);
  END`)
  return {
    [Symbol.dispose]: () => {
      using again = new DatabaseSync(path, { timeout: 5000 })
      again.exec('DROP TRIGGER trap')
    },
  }
}

/** Nobody else writes until it is disposed of. */
export function holdWriteLock(path: string): Disposable {
  const database = new DatabaseSync(path, { timeout: 5000 })
  database.exec('BEGIN IMMEDIATE')
  return { [Symbol.dispose]: () => database.close() }
}

/** Whether another process is inside a transaction that writes. */
export function isBeingWritten(path: string): boolean {
  using database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN IMMEDIATE')
    database.exec('ROLLBACK')
    return false
  } catch {
    return true
  }
}
