/**
 * The journal: the one way by which anything becomes durable, with its leaves of the log (sole-control 5).
 *
 * Entries that arrive while a commit is under way, or in one turn of the event loop, share the next transaction.
 * Each is judged alone: one whose conditions do not hold is refused, and the others are sent again without it. The
 * tree in memory grows only after the commit. When the database's log is not the one this process wrote (rows
 * missing, added or changed, an older copy put in its place), or when a commit's result cannot be found out, the
 * journal closes for good: nothing is signed any more until a restart has examined the log.
 */
import { toWire } from '@natsuin/protocol/approval'
import type { Leaf, TreeHead } from '@natsuin/protocol/log'
import { writeJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import {
  type CommitOutcome,
  type Group,
  type GroupMember,
  isSameTail,
  type LogRow,
  type SpentNonce,
  type Store,
  type StoredRecord,
} from '../store/store.ts'
import { hashLeaf, type MerkleTree, type Subtree } from './merkle-tree.ts'

/** What is to become durable at once. */
export interface Entry {
  readonly leaves: readonly Leaf[]
  /** Records to write; told where the entry's first leaf will stand, since some records point to their leaves. */
  readonly records?: (firstLeaf: number) => readonly StoredRecord[]
  readonly nonces?: readonly SpentNonce[]
}

export interface JournalOptions {
  readonly store: Store
  readonly origin: string
  readonly tree: MerkleTree
  /** Hash of the newest leaf; undefined before the first. */
  readonly newest: Uint8Array | undefined
  /** Seconds; nonces that expired before may be forgotten on disk. */
  readonly now: () => number
  /** Told of records once they are durable. */
  readonly onRecords: (records: readonly StoredRecord[]) => void
  readonly onClosed: (reason: string, cause: unknown) => void
}

/** The entry is certainly not in the database: nothing of it happened. */
export class NotCommitted extends Error {
  readonly code = 'not-committed'
}

interface Pending {
  readonly entry: Entry
  readonly resolve: (firstLeaf: number) => void
  readonly reject: (reason: unknown) => void
}

/** The database failed; `not-committed` when it certainly wrote nothing. */
interface Failed {
  readonly outcome: 'not-committed' | 'unknown'
  readonly cause: unknown
}

/** A group as it will be written: the tree that results is taken over only once it is. */
interface Prepared {
  readonly group: Group
  readonly tree: MerkleTree
  readonly firstLeaves: readonly number[]
}

const MAX_GROUP = 256

export class Journal {
  readonly #options: JournalOptions
  #tree: MerkleTree
  #newest: Uint8Array | undefined
  #queue: Pending[] = []
  #working: Promise<void> | undefined
  #closed = false

  constructor(options: JournalOptions) {
    this.#options = options
    this.#tree = options.tree
    this.#newest = options.newest
  }

  get head(): TreeHead {
    return { origin: this.#options.origin, size: this.#tree.size, rootHash: this.#tree.root() }
  }

  /**
   * Index of the entry's first leaf, once everything in it is durable.
   * @throws Refusal `log-unavailable`; `record-altered` when a record or nonce was not as this process left it
   * @throws NotCommitted when the database said no for its own reasons and certainly wrote nothing
   */
  append(entry: Entry): Promise<number> {
    if (this.#closed) return Promise.reject(refuse('log-unavailable'))
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#queue.push({ entry, resolve, reject })
    this.#working ??= this.#work()
    return promise
  }

  /** Resolves when everything that was appended has been settled. */
  async drained(): Promise<void> {
    while (this.#working !== undefined) await this.#working
  }

  async #work(): Promise<void> {
    // Let the requests that arrived in this turn of the event loop join.
    await new Promise(setImmediate)
    while (this.#queue.length > 0) await this.#settle(this.#queue.splice(0, MAX_GROUP))
    this.#working = undefined
  }

  async #settle(pending: readonly Pending[]): Promise<void> {
    try {
      await this.#commit(pending)
    } catch (fault) {
      this.#close(pending, 'an entry could not be written', fault)
    }
  }

  async #commit(pending: readonly Pending[]): Promise<void> {
    if (this.#closed) return reject(pending, refuse('log-unavailable'))
    const prepared = this.#prepare(pending)
    const outcome = await this.#attempt(prepared)
    if (outcome.outcome === 'conflict') return this.#refuseUnmet(pending, outcome.members)
    if (outcome.outcome === 'committed') return this.#accept(prepared, pending)
    if (outcome.outcome === 'log-differs')
      return this.#close(pending, 'the log is not as it was left', undefined)
    if (outcome.outcome === 'unknown')
      return this.#close(pending, 'a commit has no known result', outcome.cause)
    reject(pending, new NotCommitted('the database wrote nothing', { cause: outcome.cause }))
  }

  /** The first one only: what comes after it was judged as if it had been written. */
  async #refuseUnmet(pending: readonly Pending[], [unmet]: readonly number[]): Promise<void> {
    reject(
      pending.filter((_, i) => i === unmet),
      refuse('record-altered'),
    )
    const others = pending.filter((_, i) => i !== unmet)
    if (others.length > 0) await this.#commit(others)
  }

  /** Tries once; when the attempt broke off, looks at the log's end for what became of it. */
  async #attempt({ group }: Prepared): Promise<CommitOutcome | Failed> {
    try {
      return await this.#options.store.commit(group)
    } catch (cause) {
      return this.#readBack(group, cause)
    }
  }

  async #readBack(group: Group, cause: unknown): Promise<CommitOutcome | Failed> {
    try {
      const found = await this.#options.store.tail()
      const last = group.rows.at(-1)
      if (last !== undefined && isSameTail(found, last)) return { outcome: 'committed' }
      if (isSameTail(found, group.tail)) return { outcome: 'not-committed', cause }
      return { outcome: 'log-differs' }
    } catch {
      return { outcome: 'unknown', cause }
    }
  }

  #prepare(pending: readonly Pending[]): Prepared {
    const tree = this.#tree.copy()
    const rows: LogRow[] = []
    const subtrees: Subtree[] = []
    const firstLeaves: number[] = []
    const members: GroupMember[] = []
    for (const { entry } of pending) {
      firstLeaves.push(tree.size)
      members.push({ records: entry.records?.(tree.size) ?? [], nonces: entry.nonces ?? [] })
      for (const leaf of entry.leaves) {
        const row = rowOf(leaf, tree.size)
        rows.push(row)
        subtrees.push(...tree.append(row.hash))
      }
    }
    const tail = this.#newest === undefined ? undefined : { index: this.#tree.size - 1, hash: this.#newest }
    return { group: { tail, members, rows, subtrees, expired: this.#options.now() }, tree, firstLeaves }
  }

  #accept({ group, tree, firstLeaves }: Prepared, pending: readonly Pending[]): void {
    this.#tree = tree
    this.#newest = group.rows.at(-1)?.hash ?? this.#newest
    this.#options.onRecords(group.members.flatMap(({ records }) => records))
    for (const [i, { resolve }] of pending.entries()) resolve(firstLeaves[i] ?? 0)
  }

  #close(pending: readonly Pending[], reason: string, cause: unknown): void {
    this.#closed = true
    this.#options.onClosed(reason, cause)
    reject([...pending, ...this.#queue.splice(0)], refuse('log-unavailable', { reason }, { cause }))
  }
}

function reject(pending: readonly Pending[], reason: unknown): void {
  for (const one of pending) one.reject(reason)
}

function rowOf(leaf: Leaf, index: number): LogRow {
  const bytes = writeJson(toWire(leaf))
  return { index, leaf: bytes, hash: hashLeaf(bytes) }
}
