/**
 * What went wrong at an SQLite file: something that passes by itself, or something after which nobody knows any more
 * what is on the disk. Extended result codes, https://www.sqlite.org/rescode.html; the lowest byte of one is the primary code.
 */

const OUTAGES: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
}

/** A sync failed. A write that failed is not among them: it is rolled back. */
const UNTRUSTED_DISK: Readonly<Record<number, string>> = {
  1034: 'SQLITE_IOERR_FSYNC',
  1290: 'SQLITE_IOERR_DIR_FSYNC',
}

/** The disk is full, busy, read-only or failing: not a defect of the process. */
export function isSqliteOutage(error: unknown): boolean {
  return (codeOf(error) & 0xff) in OUTAGES
}

/**
 * After a sync that failed, the system may have dropped what was to be written and call the next one a success
 * (https://wiki.postgresql.org/wiki/Fsync_Errors). So nothing is tried again in this process: the next one reads what
 * is really there.
 */
export function endsProcess(error: unknown): boolean {
  return codeOf(error) in UNTRUSTED_DISK
}

function codeOf(error: unknown): number {
  const { errcode } = Object(error) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode : 0
}
