/**
 * What was vouched for is what the application signed: its request object is for this credential, and names every
 * item of the statement, label and digest, in this order (sole-control 4, step 3).
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type ApprovalItem, type DocumentItem, isDocumentItem } from '@natsuin/protocol/approval'
import type { RequestedItem } from '@natsuin/protocol/request'
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkVouched: ApprovalCheck = ({ statement, ticket, signedRequest }) => {
  const { items, digestAlgorithm } = statement
  if (signedRequest === undefined) {
    if (items.some(({ basis }) => basis === 'vouched')) throw refuse('request-object-missing')
    return
  }
  const { requested } = signedRequest
  const isSame =
    requested.credentialId === ticket.credential.id &&
    requested.digestAlgorithm === digestAlgorithm &&
    requested.items.length === items.length &&
    requested.items.every((one, i) => isNamed(items[i], one))
  if (!isSame) throw refuse('request-object-differs')
  // Whoever verifies the signature later starts from the preimage.
  for (const item of requested.items) {
    if (isContradictory(item, digestAlgorithm)) throw refuse('dtbs-mismatch')
  }
}

const isContradictory = (item: RequestedItem, algorithm: DigestAlgorithm): boolean =>
  'dtbs' in item && !equal(digestSync(algorithm, item.dtbs), item.dtbsr)

/** An item that was named and not seen is vouched for; nothing that was named is *unseen*. */
function isNamed(item: ApprovalItem | undefined, named: RequestedItem): boolean {
  if (item === undefined || item.label !== named.label || item.basis === 'unseen') return false
  if (isDocumentItem(item)) return isSameDocument(item, named)
  if ('hashType' in named || !equal(item.dtbsr, named.dtbsr)) return false
  if (item.basis !== 'seen') return true
  return isSameIfGiven(named.dtbs, item.dtbs) && isSameIfGiven(named.documentDigest, item.documentDigest)
}

const isSameDocument = ({ hashType, documentDigest }: DocumentItem, named: RequestedItem): boolean =>
  'hashType' in named && named.hashType === hashType && equal(named.documentDigest, documentDigest)

const isSameIfGiven = (given: Uint8Array | undefined, approved: Uint8Array): boolean =>
  given === undefined || equal(given, approved)
