/**
 * What the SAM keeps on disk: sealed records, spent nonces and the logs, changed together or not at all.
 *
 * The database is trusted for availability only. A store judges each member of a group alone, in one transaction:
 * a member whose records are not as its writer left them, or whose nonce was spent, is named and nothing of the
 * group is written, so that the journal can send the others again.
 */
import { equal } from '@natsuin/pki/encoding'
import type { LogName } from '@natsuin/protocol/log'
import type { SamRegister } from './sam-register.ts'

export interface StoredRecord {
  readonly kind: string
  readonly id: string
  /** How often the record was written, from 1. */
  readonly version: number
  readonly sealed: Uint8Array
}

export interface SpentNonce {
  readonly nonce: Uint8Array
  /** Seconds since 1970-01-01T00:00:00Z, after which the row may go. */
  readonly expiresAt: number
}

export interface LogRow {
  readonly index: number
  readonly leaf: Uint8Array
  readonly hash: Uint8Array
  /** The seal on the log that ends here; on the last row of each commit. */
  readonly head?: Uint8Array
}

/** The newest row of a log. */
export interface LogTail {
  readonly index: number
  readonly hash: Uint8Array
}

export function isSameTail(found: LogTail | undefined, expected: LogTail | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected
  return found.index === expected.index && equal(found.hash, expected.hash)
}

export interface SubtreeRow {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

export interface GroupMember {
  /** Version 1 must not exist yet; every other must follow the version before. */
  readonly records: readonly StoredRecord[]
  readonly nonces: readonly SpentNonce[]
}

export interface Group {
  /** The one log that it appends to. */
  readonly log: LogName
  /** What the newest row must be: another end is another writer's, or not the database we wrote to. */
  readonly tail: LogTail | undefined
  readonly members: readonly GroupMember[]
  readonly rows: readonly LogRow[]
  readonly subtrees: readonly SubtreeRow[]
  /** Nonces that expired before this second may be deleted. */
  readonly expired: number
  /** Records to delete, whatever their version is. */
  readonly erased?: readonly RecordKey[]
  /** Rows of the log before this one are deleted: they are in an archive. */
  readonly forgetBefore?: number
}

export type CommitOutcome =
  | { readonly outcome: 'committed' }
  /** Nothing was written; these members' conditions do not hold. */
  | { readonly outcome: 'conflict'; readonly members: readonly number[] }
  /** Nothing was written; the log's end is not the one we wrote. */
  | { readonly outcome: 'log-differs' }
  /** Nothing was written; the database failed before it was asked to commit. */
  | { readonly outcome: 'not-committed'; readonly cause: unknown }

export interface RecordKey {
  readonly kind: string
  readonly id: string
}

/** Whatever cannot be read or written at present throws StoreError `store-unavailable`. */
export interface Store {
  read(key: RecordKey): Promise<StoredRecord | undefined>
  /** @throws when it is not known whether the transaction took place; ask `tail` then, after `attemptsEnded` */
  commit(group: Group): Promise<CommitOutcome>
  /** Resolves when nothing that `commit` was asked to write can still appear: it is there, or never will be. */
  attemptsEnded(group: Group): Promise<void>
  /** Whether it is among those that were spent and have not been forgotten. */
  isSpent(nonce: Uint8Array): Promise<boolean>
  tail(log: LogName): Promise<LogTail | undefined>
  /** Up to `count` rows from `from` on. */
  rows(log: LogName, from: number, count: number): Promise<readonly LogRow[]>
  /** Hashes of subtrees of 2^level leaves; level 0 are the hashes of the rows. */
  hashes(log: LogName, level: number, from: number, count: number): Promise<readonly Uint8Array[]>
  /** The SAMs that share this store; undefined when only one can open it. */
  readonly sams: SamRegister | undefined
  close(): Promise<void>
}

type StoreProblem = 'store-exists' | 'store-missing' | 'store-in-use' | 'store-version' | 'store-unavailable'

/** The store to be created exists, the store to be opened does not, another process has it, another release made it, or it is away. */
export class StoreError extends Error {
  readonly code: StoreProblem

  constructor(code: StoreProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export const unavailable = (cause: unknown): StoreError =>
  new StoreError('store-unavailable', 'the store does not answer', { cause })
