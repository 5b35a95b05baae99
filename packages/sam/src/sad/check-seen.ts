/**
 * What was seen is what will be signed: the preimage hashes to the representation, and its message-digest attribute
 * is the digest of the document that the page had (sole-control 4, step 3).
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { SeenItem } from '@natsuin/protocol/approval'
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'
import { messageDigestOf } from './message-digest.ts'

export const checkSeen: ApprovalCheck = ({ statement }) => {
  for (const item of statement.items) {
    if (item.basis === 'seen' && !isConsistent(item, statement.digestAlgorithm)) throw refuse('dtbs-mismatch')
  }
}

function isConsistent(
  { dtbs, dtbsr, documentDigest }: SeenItem,
  algorithm: Parameters<typeof digestSync>[0],
): boolean {
  const messageDigest = messageDigestOf(dtbs)
  return (
    messageDigest !== undefined &&
    equal(digestSync(algorithm, dtbs), dtbsr) &&
    equal(messageDigest, documentDigest)
  )
}
