/** That one tree is the beginning of another: RFC 9162, 2.1.4.2, with SHA-256. For those who read logs, not for SAMs. */
import { concat, equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'

export interface Tree {
  readonly size: number
  readonly rootHash: Uint8Array
}

export async function isConsistent(
  first: Tree,
  second: Tree,
  proof: readonly Uint8Array[],
  platform: Digest,
): Promise<boolean> {
  if (first.size > second.size) return false
  if (first.size === second.size) return proof.length === 0 && equal(first.rootHash, second.rootHash)
  if (first.size === 0) return proof.length === 0
  const join = (left: Uint8Array, right: Uint8Array) => platform.digest('sha256', concat(NODE, left, right))
  // The first tree's root is not in the proof when the first tree is complete: it is known.
  const path = isPowerOfTwo(first.size) ? [first.rootHash, ...proof] : proof
  const [seed, ...rest] = path
  if (seed === undefined) return false
  let [node, last] = withoutOnes(first.size - 1, second.size - 1)
  let [firstHash, secondHash] = [seed, seed]
  for (const sibling of rest) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      firstHash = await join(sibling, firstHash)
      secondHash = await join(sibling, secondHash)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      secondHash = await join(secondHash, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && equal(firstHash, first.rootHash) && equal(secondHash, second.rootHash)
}

/** Both one level up, for as long as the first is a right child. */
function withoutOnes(node: number, last: number): readonly [number, number] {
  return node % 2 === 1 ? withoutOnes(half(node), half(last)) : [node, last]
}

// Arithmetic, not shifts: sizes may exceed 32 bits.
const half = (value: number) => Math.floor(value / 2)
const isPowerOfTwo = (value: number) => Number.isInteger(Math.log2(value))
/** Domain separation of nodes: RFC 9162, 2.1.1. */
const NODE = Uint8Array.of(1)
