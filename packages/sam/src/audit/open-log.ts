/**
 * Takes over a log at start: recomputes it from its first leaf and compares (sole-control 9).
 *
 * Every stored hash is recomputed; the log must extend the checkpoint kept outside the database, root and all;
 * leaf 0 must be the genesis of the sealed roster. A log that fails any of this is not taken over, and the SAM
 * does not start.
 */
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type Leaf, leaf, type TreeHead, verifyCheckpoint } from '@natsuin/protocol/log'
import { readStrictJson, ShapeError } from '@natsuin/protocol/shape'
import type { LogRow, Store } from '../store/store.ts'
import { hashLeaf, MerkleTree } from './merkle-tree.ts'
import { StateLog } from './state-log.ts'

export interface OpenedLog {
  readonly tree: MerkleTree
  readonly newest: Uint8Array
  readonly state: StateLog
  readonly genesis: Extract<Leaf, { event: 'genesis' }>
  /** Milliseconds; the time of the newest leaf. */
  readonly newestAt: number
}

/** The log, or the checkpoint outside, is not what this SAM wrote. */
export class LogRejected extends Error {
  readonly code = 'log-rejected'
}

const ROWS_PER_READ = 4096
const MAX_CHECKPOINT = 2048

export interface Predecessor {
  /** The copy kept outside the database. */
  readonly checkpoint: string
  /** DER SubjectPublicKeyInfo. */
  readonly samKey: Uint8Array
  /** Name of the log. */
  readonly origin: string
}

/** @throws LogRejected */
export async function openLog(store: Store, { checkpoint, samKey, origin }: Predecessor): Promise<OpenedLog> {
  const head = await genuineHead(checkpoint, samKey)
  if (head.origin !== origin) throw new LogRejected(`the checkpoint outside is of the log ${head.origin}`)
  const reading = new Reading(head)
  for (let from = 0; ; ) {
    const rows = await store.rows(from, ROWS_PER_READ)
    for (const row of rows) reading.take(row)
    from += rows.length
    if (rows.length < ROWS_PER_READ) return reading.finish()
  }
}

async function genuineHead(checkpoint: string, samKey: Uint8Array): Promise<TreeHead> {
  // It becomes part of a leaf, whose text has this limit.
  if (checkpoint.length > MAX_CHECKPOINT) throw new LogRejected('the checkpoint file is too long')
  try {
    const head = await verifyCheckpoint(checkpoint, samKey, nodePlatform)
    if (head !== undefined) return head
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
  }
  throw new LogRejected('the checkpoint file does not hold a checkpoint signed by this SAM')
}

class Reading {
  readonly #head: TreeHead
  readonly #tree = new MerkleTree()
  readonly #state = new StateLog()
  #genesis: OpenedLog['genesis'] | undefined
  #newest: Uint8Array | undefined
  #newestAt = 0

  constructor(head: TreeHead) {
    this.#head = head
  }

  take(row: LogRow): void {
    const hash = hashLeaf(row.leaf)
    if (row.index !== this.#tree.size || !equal(hash, row.hash)) {
      throw new LogRejected(`leaf ${this.#tree.size} is missing or was changed`)
    }
    this.#tree.append(hash)
    this.#newest = hash
    this.#replay(row)
    if (this.#tree.size === this.#head.size && !equal(this.#tree.root(), this.#head.rootHash)) {
      throw new LogRejected('the log is another one than the checkpoint outside says')
    }
  }

  finish(): OpenedLog {
    if (this.#tree.size < this.#head.size) {
      throw new LogRejected(
        `the log has ${this.#tree.size} leaves, the checkpoint outside ${this.#head.size}`,
      )
    }
    if (this.#genesis === undefined || this.#newest === undefined)
      throw new LogRejected('leaf 0 is no genesis')
    return {
      tree: this.#tree,
      newest: this.#newest,
      state: this.#state,
      genesis: this.#genesis,
      newestAt: this.#newestAt,
    }
  }

  #replay({ index, leaf: bytes }: LogRow): void {
    const read = readLeaf(bytes, index)
    if (index === 0 && read.event === 'genesis') this.#genesis = read
    this.#newestAt = Math.max(this.#newestAt, read.at)
    this.#state.replay(read)
  }
}

function readLeaf(bytes: Uint8Array, index: number): Leaf {
  try {
    return readStrictJson(bytes, leaf)
  } catch (error) {
    throw new LogRejected(`leaf ${index} is not a record of this log`, { cause: error })
  }
}
