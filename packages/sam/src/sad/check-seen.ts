/**
 * What was seen is what will be signed: the preimage hashes to the representation, and its message-digest attribute
 * is the digest of the document that the page had (sole-control 4, step 3).
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { DerError } from '@natsuin/pki/asn1'
import { parseSignedAttributes } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { isDocumentItem, type SeenItem } from '@natsuin/protocol/approval'
import { expectOnly } from '../expect-only.ts'
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkSeen: ApprovalCheck = ({ statement }) => {
  for (const item of statement.items) {
    // Of a document that was seen there is nothing to compare yet.
    if (isDocumentItem(item) || item.basis !== 'seen') continue
    if (!isConsistent(item, statement.digestAlgorithm)) throw refuse('dtbs-mismatch')
  }
}

function isConsistent({ dtbs, dtbsr, documentDigest }: SeenItem, algorithm: DigestAlgorithm): boolean {
  const messageDigest = messageDigestOf(dtbs)
  return (
    messageDigest !== undefined &&
    equal(digestSync(algorithm, dtbs), dtbsr) &&
    equal(messageDigest, documentDigest)
  )
}

/** Of DER signed attributes (RFC 5652, 5.4 and 11.2); `undefined` for anything else. */
function messageDigestOf(dtbs: Uint8Array): Uint8Array | undefined {
  try {
    return parseSignedAttributes(dtbs).messageDigest
  } catch (error) {
    expectOnly(error, DerError)
    return undefined
  }
}
