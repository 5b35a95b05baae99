/** The tree over a log, leaf by leaf: RFC 9162, 2.1.1, with SHA-256. Only its right edge is kept. */
import { concat } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { BLOCK_LEAVES } from '@natsuin/protocol/log'

interface Subtree {
  readonly leaves: number
  readonly root: Uint8Array
}

export class LogTree {
  readonly #platform: Digest
  /** Complete subtrees, the largest first. */
  readonly #edge: Subtree[] = []
  #size = 0

  constructor(platform: Digest) {
    this.#platform = platform
  }

  get size(): number {
    return this.#size
  }

  /** Returns the root of the block that this leaf completed, if it did. */
  async add(leaf: Uint8Array): Promise<Uint8Array | undefined> {
    let subtree: Subtree = { leaves: 1, root: await this.#hash(LEAF, leaf) }
    let block: Uint8Array | undefined
    for (let left = this.#edge.at(-1); left?.leaves === subtree.leaves; left = this.#edge.at(-1)) {
      this.#edge.pop()
      subtree = { leaves: 2 * left.leaves, root: await this.#hash(NODE, left.root, subtree.root) }
      if (subtree.leaves === BLOCK_LEAVES) block = subtree.root
    }
    this.#edge.push(subtree)
    this.#size += 1
    return block
  }

  async root(): Promise<Uint8Array> {
    const [smallest, ...larger] = this.#edge.toReversed()
    if (smallest === undefined) return this.#hash()
    let { root } = smallest
    for (const left of larger) root = await this.#hash(NODE, left.root, root)
    return root
  }

  #hash(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
    return this.#platform.digest('sha256', concat(...parts))
  }
}

/** Domain separation of leaves and nodes: RFC 9162, 2.1.1. */
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
