/**
 * A file that one process holds: as long as it lives, and not longer, whatever ends it.
 *
 * Node has no locks on files; SQLite has those of the kernel, which go with the process.
 */
import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export interface HeldFile {
  release(): void
}

/** Makes the file if need be; `undefined` when another process, or another part of this one, holds it. */
export function holdFile(path: string): HeldFile | undefined {
  const database = new DatabaseSync(path)
  try {
    chmodSync(path, 0o600)
    database.exec('BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (isLocked(error)) return undefined
    throw error
  }
}

/** SQLITE_BUSY. */
const isLocked = (error: unknown) => error instanceof Error && 'errcode' in error && error.errcode === 5
