/**
 * Inclusion of a leaf under a tree head: RFC 9162, 2.1.3.2, with SHA-256.
 */
import { concat, equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { IncludedLeaf } from '@natsuin/protocol/evidence'
import type { TreeHead } from '@natsuin/protocol/log'

export async function isIncluded(proof: IncludedLeaf, head: TreeHead, platform: Digest): Promise<boolean> {
  if (proof.index >= head.size) return false
  let position = { index: proof.index, last: head.size - 1 }
  let hash = await platform.digest('sha256', concat(LEAF, proof.leaf))
  for (const sibling of proof.path) {
    if (position.last === 0) return false
    const onRight = isRightChild(position)
    hash = await platform.digest(
      'sha256',
      onRight ? concat(NODE, sibling, hash) : concat(NODE, hash, sibling),
    )
    position = parent(onRight ? skipMissingSiblings(position) : position)
  }
  return position.last === 0 && equal(hash, head.rootHash)
}

/** Domain separation of leaves and nodes: RFC 9162, 2.1.1. */
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** A node's place in its row, and the place of the row's last node (fn and sn of the RFC). */
interface Position {
  readonly index: number
  readonly last: number
}

/** The last node of a row without a sibling is hashed as a right child, further up. */
function isRightChild({ index, last }: Position): boolean {
  return index % 2 === 1 || index === last
}

function skipMissingSiblings(position: Position): Position {
  let at = position
  while (at.index % 2 === 0 && at.index !== 0) at = parent(at)
  return at
}

// Division, not shifts: sizes may exceed 32 bits.
function parent({ index, last }: Position): Position {
  return { index: Math.floor(index / 2), last: Math.floor(last / 2) }
}
