/**
 * A leaf with its path to a head, checked before it leaves: leaf and hashes come from the database, which is not
 * trusted for integrity.
 */
import { equal } from '@natsuin/pki/encoding'
import type { IncludedLeaf } from '@natsuin/protocol/evidence'
import type { LogName, TreeHead } from '@natsuin/protocol/log'
import { refuse } from '../refuse.ts'
import type { Store } from '../store/store.ts'
import { hashLeaf, hashNodes } from './merkle-tree.ts'
import { inclusionPath } from './stored-proofs.ts'

/** A log in the store, and the head that a leaf of it is to be included under. */
export interface LogUnderHead {
  readonly store: Store
  readonly log: LogName
  readonly head: TreeHead
}

/** @throws Refusal `log-unavailable` when the stored log does not lead to the head */
export async function includeLeaf({ store, log, head }: LogUnderHead, index: number): Promise<IncludedLeaf> {
  const [row] = await store.rows(log, index, 1)
  if (row?.index !== index) throw refuse('log-unavailable', { log, index })
  const path = await inclusionPath(index, head.size, (level, from, count) =>
    store.hashes(log, level, from, count),
  )
  if (!equal(rootOf(row.leaf, index, head.size, path), head.rootHash))
    throw refuse('log-unavailable', { log, index })
  return { index, leaf: row.leaf, path }
}

/** RFC 9162, 2.1.3.2: the root that a leaf and its path lead to. */
function rootOf(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Uint8Array {
  let [node, last] = [index, size - 1]
  let hash: Uint8Array = hashLeaf(leaf)
  for (const sibling of path) {
    if (node % 2 === 1 || node === last) {
      hash = hashNodes(sibling, hash)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      hash = hashNodes(hash, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return hash
}

// Division, not shifts: sizes may exceed 32 bits.
const half = (value: number) => Math.floor(value / 2)
