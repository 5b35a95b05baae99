/**
 * The Merkle tree of the log, grown one leaf at a time: RFC 9162, 2.1.1, with SHA-256.
 *
 * Only the right edge is kept: the roots of the complete subtrees, at most one per level. Subtrees of 2^8, 2^16, …
 * leaves are handed out as they become complete, so that a proof about any leaf reads a few hundred stored hashes
 * however long the log is.
 */

import { concat } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { BLOCK_LEAVES } from '@natsuin/protocol/log'

export const EMPTY_ROOT = digestSync('sha256', new Uint8Array())

export const hashLeaf = (leaf: Uint8Array) => digestSync('sha256', concat(LEAF, leaf))
export const hashNodes = (left: Uint8Array, right: Uint8Array) =>
  digestSync('sha256', concat(NODE, left, right))

/** The root of the complete subtree over leaves `index * 2^level` to `(index + 1) * 2^level - 1`. */
export interface Subtree {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

/** Levels at which subtrees are stored: every eighth. Level 0, the leaves, is stored with the leaves. */
export const STORED_LEVELS = Math.log2(BLOCK_LEAVES)

export class MerkleTree {
  #size: number
  /** Roots of the complete subtrees, largest first: one per bit that is set in the size. */
  readonly #peaks: Uint8Array[]

  constructor(size = 0, peaks: readonly Uint8Array[] = []) {
    this.#size = size
    this.#peaks = [...peaks]
  }

  get size(): number {
    return this.#size
  }

  copy(): MerkleTree {
    return new MerkleTree(this.#size, this.#peaks)
  }

  /** Appends the hash of a leaf; returns the subtrees to store that it completed. */
  append(leafHash: Uint8Array): readonly Subtree[] {
    const completed: Subtree[] = []
    let subtree: Subtree = { level: 0, index: this.#size, hash: leafHash }
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      subtree = this.#join(subtree)
      if (subtree.level % STORED_LEVELS === 0) completed.push(subtree)
    }
    this.#peaks.push(subtree.hash)
    this.#size += 1
    return completed
  }

  root(): Uint8Array {
    const peaks = this.#peaks.toReversed()
    const [smallest = EMPTY_ROOT, ...larger] = peaks
    return larger.reduce((right, left) => hashNodes(left, right), smallest)
  }

  #join(right: Subtree): Subtree {
    const left = this.#peaks.pop()
    if (left === undefined) throw new Error('the peaks are fewer than the size says')
    return { level: right.level + 1, index: Math.floor(right.index / 2), hash: hashNodes(left, right.hash) }
  }
}

/** Domain separation of leaves and nodes: RFC 9162, 2.1.1. */
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
