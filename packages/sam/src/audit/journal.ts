/**
 * A journal: the one way by which anything becomes durable, with its leaves of a log (sole-control 5).
 *
 * Entries that arrive while a commit is under way, or in one turn of the event loop, share the next transaction.
 * Each is judged alone: one whose conditions do not hold is refused, and the others are sent again without it. The
 * tree in memory grows only after the commit.
 *
 * Another end of the log than this process left is what the two logs differ in. Only one process writes an activity
 * log: its journal closes for good, and nothing is signed any more until a restart has examined the log. The state
 * log is written by every SAM: whoever comes second takes over the leaves of the first, if a SAM sealed them, and
 * tries again.
 *
 * A commit that broke off (the database restarted, the connection was cut) may have taken place. Until the log has
 * been read, nobody knows, and nothing else is written; a disk that fails closes the journal (threats 23, T-DUR-03 and
 * T-DUR-04).
 */
import { equal } from '@natsuin/pki/encoding'
import { toWire } from '@natsuin/protocol/approval'
import type { Leaf, TreeHead } from '@natsuin/protocol/log'
import { endsProcess } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import { writeJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import {
  type CommitOutcome,
  type Group,
  type GroupMember,
  isSameTail,
  type LogRow,
  type RecordKey,
  type SpentNonce,
  type StoredRecord,
} from '../store/store.ts'
import { hashLeaf, type Subtree } from './merkle-tree.ts'
import { type LogEnd, LogRejected, type LogSource, readOn } from './read-log.ts'

/** What is to become durable at once. */
export interface Entry<L extends Leaf> {
  readonly leaves: readonly L[]
  /** Records to write; told where the entry's first leaf will stand, since some records point to their leaves. */
  readonly records?: (firstLeaf: number) => readonly StoredRecord[]
  readonly nonces?: readonly SpentNonce[]
  /** Records to delete. */
  readonly erased?: readonly RecordKey[]
  /** Leaves before this one are elsewhere by now, and leave the database. */
  readonly forgetBefore?: number
  /** Asked before each attempt to write it: leaves of another SAM may have come first. @throws Refusal */
  readonly stillHolds?: () => void
  /**
   * Where a record may have been written by another SAM meanwhile: reads it again, so that `records` follows what is
   * there. Without it, a record that is not as this process left it was altered. @throws Refusal
   */
  readonly reread?: () => Promise<void>
}

export interface JournalOptions<L extends Leaf> {
  readonly source: LogSource<L>
  readonly end: LogEnd
  /** `one`: an end that this process did not write closes the journal. */
  readonly writers: 'one' | 'many'
  /** Seconds, of a moment that has come by any clock; nonces that expired before may be forgotten on disk. */
  readonly certain: () => number
  /** Told of every leaf, also of those that other SAMs wrote, in the order of the log. */
  readonly onLeaf?: (leaf: L) => void
  /** Told of records once they are durable. */
  readonly onRecords: (records: readonly StoredRecord[]) => void
  readonly onClosed: (reason: string, cause: unknown) => void
  readonly wait: (milliseconds: number) => Promise<unknown>
}

/** The entry is certainly not in the database: nothing of it happened. */
export class NotCommitted extends Error {
  readonly code = 'not-committed'
}

interface Pending<L extends Leaf> {
  readonly entry: Entry<L>
  readonly rereads: number
  readonly resolve: (firstLeaf: number) => void
  readonly reject: (reason: unknown) => void
}

type Reader = Pick<PromiseWithResolvers<void>, 'resolve' | 'reject'>

/** The disk failed, or the journal was closed before the database said what became of a commit. */
interface Unknown {
  readonly outcome: 'unknown'
  readonly cause: unknown
}

/** A group as it will be written: the end that results is taken over only once it is. */
interface Prepared<L extends Leaf> {
  readonly group: Group
  readonly end: LogEnd
  readonly placed: readonly { readonly one: Pending<L>; readonly firstLeaf: number }[]
}

const MAX_GROUP = 256
/** How long to wait before the log is asked again what became of a commit. */
const READ_BACK_MILLISECONDS = 100

export class Journal<L extends Leaf> {
  readonly #options: JournalOptions<L>
  #end: LogEnd
  #queue: Pending<L>[] = []
  #readers: Reader[] = []
  #working: Promise<void> | undefined
  #closed = false
  /** A commit broke off, and the database does not say what became of it. */
  #isUncertain = false

  constructor(options: JournalOptions<L>) {
    this.#options = options
    this.#end = options.end
  }

  /** How many leaves are known here: all that this process wrote, and those of others that it took over. */
  get size(): number {
    return this.#end.tree.size
  }

  /** Whether nothing can be written any more before a restart has examined the log. */
  get isClosed(): boolean {
    return this.#closed
  }

  get head(): TreeHead {
    return this.#headOf(this.#end)
  }

  /**
   * Index of the entry's first leaf, once everything in it is durable.
   * @throws Refusal `log-unavailable`; `record-altered` when a record or nonce was not as this process left it; what
   *   `stillHolds` throws
   * @throws NotCommitted when the database said no for its own reasons and certainly wrote nothing
   */
  append(entry: Entry<L>): Promise<number> {
    if (this.#closed || this.#isUncertain) return Promise.reject(refuse('log-unavailable'))
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#queue.push({ entry, rereads: 0, resolve, reject })
    this.#working ??= this.#work()
    return promise
  }

  /** Takes over what other SAMs have written by now. @throws Refusal `log-unavailable` */
  catchUp(): Promise<void> {
    if (this.#closed || this.#isUncertain) return Promise.reject(refuse('log-unavailable'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#readers.push({ resolve, reject })
    this.#working ??= this.#work()
    return promise
  }

  /** Takes nothing more, for good. */
  close(): void {
    this.#closed = true
  }

  /** Resolves when everything that was appended has been settled. */
  async drained(): Promise<void> {
    while (this.#working !== undefined) await this.#working
  }

  async #work(): Promise<void> {
    // Let the requests that arrived in this turn of the event loop join.
    await new Promise(setImmediate)
    while (this.#queue.length > 0 || this.#readers.length > 0) {
      if (this.#readers.length > 0) await this.#read(this.#readers.splice(0))
      if (this.#queue.length > 0) await this.#settle(this.#queue.splice(0, MAX_GROUP))
    }
    this.#working = undefined
  }

  async #read(readers: readonly Reader[]): Promise<void> {
    try {
      await this.#takeOver()
      for (const reader of readers) reader.resolve()
    } catch (error) {
      if (error instanceof LogRejected) this.#close([], error.message, error)
      for (const reader of readers) reader.reject(refuse('log-unavailable', {}, { cause: error }))
    }
  }

  async #settle(pending: readonly Pending<L>[]): Promise<void> {
    try {
      await this.#commit(pending)
    } catch (fault) {
      this.#close(pending, 'an entry could not be written', fault)
    }
  }

  async #commit(given: readonly Pending<L>[]): Promise<void> {
    if (this.#closed) return reject(given, refuse('log-unavailable'))
    const pending = given.filter(holds)
    if (pending.length === 0) return
    const prepared = this.#prepare(pending)
    const outcome = await this.#attempt(prepared)
    if (outcome.outcome === 'conflict') return this.#refuseUnmet(pending, outcome.members)
    if (outcome.outcome === 'committed') return this.#accept(prepared)
    if (outcome.outcome === 'log-differs') return this.#meetAnotherEnd(pending)
    if (outcome.outcome === 'unknown')
      return this.#close(pending, 'a commit has no known result', outcome.cause)
    reject(pending, new NotCommitted('the database wrote nothing', { cause: outcome.cause }))
  }

  /** The first one only: what comes after it was judged as if it had been written. */
  async #refuseUnmet(pending: readonly Pending<L>[], [unmet]: readonly number[]): Promise<void> {
    const again: Pending<L>[] = []
    for (const [i, one] of pending.entries()) {
      const stays = i === unmet ? await readAgain(one) : one
      if (stays !== undefined) again.push(stays)
    }
    await this.#commit(again)
  }

  /** Leaves of another SAM that came first are taken over, and what still holds is tried again behind them. */
  async #meetAnotherEnd(pending: readonly Pending<L>[]): Promise<void> {
    const { size } = this
    if (this.#options.writers === 'many') {
      try {
        await this.#takeOver()
      } catch (cause) {
        if (cause instanceof LogRejected) throw cause
        return reject(pending, new NotCommitted('the log could not be read on', { cause }))
      }
    }
    if (this.size === size) return this.#close(pending, 'the log is not as it was left', undefined)
    await this.#commit(pending)
  }

  /** @throws LogRejected */
  async #takeOver(): Promise<void> {
    const { source, onLeaf } = this.#options
    const leaves: L[] = []
    this.#end = await readOn(source, this.#end, leaf => leaves.push(leaf))
    if (onLeaf !== undefined) for (const leaf of leaves) onLeaf(leaf)
  }

  /** Tries once; when the attempt broke off, looks at the log for what became of it, until it answers. */
  async #attempt({ group }: Prepared<L>): Promise<CommitOutcome | Unknown> {
    const { source, wait } = this.#options
    try {
      return await source.store.commit(group)
    } catch (cause) {
      while (!this.#closed && !endsProcess(cause)) {
        const known = await this.#readBack(group, cause).catch(() => undefined)
        this.#isUncertain = known === undefined
        if (known !== undefined) return known
        this.#refuseWaiting(cause)
        await wait(READ_BACK_MILLISECONDS)
      }
      return { outcome: 'unknown', cause }
    }
  }

  /** @throws when the database does not answer */
  async #readBack(group: Group, cause: unknown): Promise<CommitOutcome> {
    const { store } = this.#options.source
    await store.attemptsEnded(group)
    const last = group.rows.at(-1)
    const [found] = last === undefined ? [] : await store.rows(group.log, last.index, 1)
    // The seal is different each time it is made: nobody else's commit has it.
    if (isSealedBy(found, last)) return { outcome: 'committed' }
    if (isSameTail(await store.tail(group.log), group.tail)) return { outcome: 'not-committed', cause }
    return { outcome: 'log-differs' }
  }

  /** Whoever came after a commit that nobody knows the result of was certainly not written. */
  #refuseWaiting(cause: unknown): void {
    reject(this.#queue.splice(0), refuse('log-unavailable', {}, { cause }))
    for (const reader of this.#readers.splice(0)) reader.reject(refuse('log-unavailable', {}, { cause }))
  }

  #prepare(pending: readonly Pending<L>[]): Prepared<L> {
    const tree = this.#end.tree.copy()
    const rows: LogRow[] = []
    const subtrees: Subtree[] = []
    const placed: { one: Pending<L>; firstLeaf: number }[] = []
    const members: GroupMember[] = []
    for (const one of pending) {
      const { entry } = one
      placed.push({ one, firstLeaf: tree.size })
      members.push({ records: entry.records?.(tree.size) ?? [], nonces: entry.nonces ?? [] })
      for (const leaf of entry.leaves) {
        const row = rowOf(leaf, tree.size)
        rows.push(row)
        subtrees.push(...tree.append(row.hash))
      }
    }
    const end = { tree, newest: rows.at(-1)?.hash ?? this.#end.newest }
    const { source, certain } = this.#options
    const { log } = source
    const group = {
      log,
      tail: this.#tail(),
      members,
      rows: this.#sealed(rows, end),
      subtrees,
      expired: certain(),
      erased: pending.flatMap(({ entry }) => entry.erased ?? []),
      forgetBefore: Math.max(0, ...pending.map(({ entry }) => entry.forgetBefore ?? 0)),
    }
    return { group, end, placed }
  }

  #tail(): Group['tail'] {
    const { tree, newest } = this.#end
    return newest === undefined ? undefined : { index: tree.size - 1, hash: newest }
  }

  /** The last row carries the seal on the end that results. */
  #sealed(rows: readonly LogRow[], end: LogEnd): readonly LogRow[] {
    const last = rows.at(-1)
    if (last === undefined) return rows
    return [...rows.slice(0, -1), { ...last, head: this.#options.source.seal.close(this.#headOf(end)) }]
  }

  #headOf({ tree }: LogEnd): TreeHead {
    return { origin: this.#options.source.origin, size: tree.size, rootHash: tree.root() }
  }

  #accept({ group, end, placed }: Prepared<L>): void {
    const { onRecords, onLeaf } = this.#options
    this.#end = end
    onRecords(group.members.flatMap(({ records }) => records))
    if (onLeaf !== undefined) for (const { one } of placed) for (const leaf of one.entry.leaves) onLeaf(leaf)
    for (const { one, firstLeaf } of placed) one.resolve(firstLeaf)
  }

  #close(pending: readonly Pending<L>[], reason: string, cause: unknown): void {
    this.close()
    this.#options.onClosed(reason, cause)
    reject([...pending, ...this.#queue.splice(0)], refuse('log-unavailable', { reason }, { cause }))
  }
}

/** How often records are read again for an entry, before it counts as altered what keeps being different. */
const MAX_REREADS = 3

/** The entry after its records were read again; undefined when it was refused. */
async function readAgain<L extends Leaf>(pending: Pending<L>): Promise<Pending<L> | undefined> {
  const { entry, rereads } = pending
  try {
    if (entry.reread === undefined || rereads === MAX_REREADS) throw refuse('record-altered')
    await entry.reread()
    return { ...pending, rereads: rereads + 1 }
  } catch (error) {
    pending.reject(error)
    return undefined
  }
}

function holds<L extends Leaf>({ entry, reject: refuseIt }: Pending<L>): boolean {
  try {
    entry.stillHolds?.()
    return true
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refuseIt(error)
    return false
  }
}

function reject<L extends Leaf>(pending: readonly Pending<L>[], reason: unknown): void {
  for (const one of pending) one.reject(reason)
}

function rowOf(leaf: Leaf, index: number): LogRow {
  const bytes = writeJson(toWire(leaf))
  return { index, leaf: bytes, hash: hashLeaf(bytes) }
}

function isSealedBy(found: LogRow | undefined, last: LogRow | undefined): boolean {
  return found?.head !== undefined && last?.head !== undefined && equal(found.head, last.head)
}
