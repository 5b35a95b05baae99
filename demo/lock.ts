/**
 * A lock between processes that is gone with its holder, however that one ends: a transaction on a database that
 * holds nothing. A file with a process id would be left behind by `kill -9`, and mean another process one day.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

export interface Lock {
  release(): void
}

/** SQLite's result code for "somebody else has it". */
const SQLITE_BUSY = 5
const POLL_MS = 100

/** @returns undefined when somebody else holds it */
export function tryLock(path: string): Lock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined
    throw error
  }
}

/** Does the work while nobody else does any under the same lock. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  let lock = tryLock(path)
  for (; lock === undefined; lock = tryLock(path)) await delay(POLL_MS)
  try {
    return await work()
  } finally {
    lock.release()
  }
}
