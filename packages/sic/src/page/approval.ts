/**
 * What is approved: the items of a request, which of their documents the page has seen, and the bytes that the
 * passkey signs for (sole-control 4, step 3).
 *
 * A DTBS/R is *seen* when the page holds the prepared document, the digest that it computed itself is the
 * message digest in `dtbs`, and `dtbs` hashes to the DTBS/R; the digest of a document when the page holds a document with this
 * digest. Else the item is *vouched* for, when the application signed the request, or *unseen*.
 */
import { messageDigestOf } from '@natsuin/ades/pades'
import { type DigestAlgorithm, digestAlgorithms } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import {
  type ApprovalItem,
  type ApproveStatement,
  type ApproveTicket,
  toWire,
} from '@natsuin/protocol/approval'
import type { RequestedDocument, RequestedItem } from '@natsuin/protocol/request'
import { writeJson } from '@natsuin/protocol/shape'
import type { Asked } from './asked.ts'
import { Problem } from './problem.ts'

/** The preimage of a DTBS/R, and the digest of the document that stands in it. Both checked. */
interface Preimage {
  readonly dtbs: Uint8Array
  readonly documentDigest: Uint8Array
}

interface PendingRepresentation {
  readonly label: string
  readonly dtbsr: Uint8Array
  /** Absent when the application sent the digest alone: no document can then be seen. */
  readonly preimage?: Preimage
}

export type PendingItem = PendingRepresentation | RequestedDocument

/**
 * The items of a request that does not contradict itself.
 *
 * @throws Problem `too-many-signatures`, `request-inconsistent`
 */
export async function checkItems(
  { digestAlgorithm, items }: Pick<Asked, 'digestAlgorithm' | 'items'>,
  { maxSignatures }: Pick<ApproveTicket, 'maxSignatures'>,
  digest: Digest,
): Promise<readonly PendingItem[]> {
  if (items.length > maxSignatures) throw new Problem('too-many-signatures')
  return await Promise.all(items.map(item => checkItem(item, digestAlgorithm, digest)))
}

async function checkItem(
  item: RequestedItem,
  algorithm: DigestAlgorithm,
  digest: Digest,
): Promise<PendingItem> {
  const { length } = 'hashType' in item ? item.documentDigest : item.dtbsr
  if (length !== digestAlgorithms[algorithm].size) throw new Problem('request-inconsistent')
  if ('hashType' in item) return item
  const { label, dtbsr, dtbs, documentDigest } = item
  if (dtbs === undefined) return { label, dtbsr }
  if (!equal(await digest.digest(algorithm, dtbs), dtbsr)) throw new Problem('request-inconsistent')
  const inside = messageDigestIn(dtbs)
  if (documentDigest !== undefined && !equal(documentDigest, inside))
    throw new Problem('request-inconsistent')
  return { label, dtbsr, preimage: { dtbs, documentDigest: inside } }
}

function messageDigestIn(dtbs: Uint8Array): Uint8Array {
  try {
    return messageDigestOf(dtbs)
  } catch (cause) {
    throw new Problem('request-inconsistent', {}, { cause })
  }
}

/** The items as they are approved: what was not seen is vouched for when the application signed for it. */
export function approvedItems(
  items: readonly PendingItem[],
  seen: Pick<ReadonlyMap<number, unknown>, 'has'>,
  { requestObject }: Pick<Asked, 'requestObject'>,
): readonly ApprovalItem[] {
  const otherwise = requestObject === undefined ? 'unseen' : 'vouched'
  return items.map((item, index): ApprovalItem => {
    const isSeen = seen.has(index)
    if ('hashType' in item) return { basis: isSeen ? 'seen' : otherwise, ...item }
    const { label, dtbsr, preimage } = item
    if (isSeen && preimage !== undefined) return { basis: 'seen', label, dtbsr, ...preimage }
    return { basis: otherwise, label, dtbsr }
  })
}

/** The bytes whose SHA-256 is the passkey's challenge, and which are sent as they are. */
export function approvalBytes(
  ticketText: string,
  { digestAlgorithm, requestObject }: Pick<Asked, 'digestAlgorithm' | 'requestObject'>,
  items: readonly ApprovalItem[],
): Uint8Array<ArrayBuffer> {
  const statement: ApproveStatement = {
    v: 1,
    purpose: 'approve',
    ticket: ticketText,
    digestAlgorithm,
    numSignatures: items.length,
    items,
    ...(requestObject !== undefined && { requestObject }),
  }
  return writeJson(toWire(statement))
}
