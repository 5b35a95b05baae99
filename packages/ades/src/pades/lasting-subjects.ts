/**
 * Whose validation data a document still lacks: EN 319 142-1 V1.2.1, 5.4 and 6.3.
 *
 * What a document time-stamp covers together with its validation data is settled for good: nothing about it is
 * asked again, which matters because certificates expire and authorities close.
 */
import type { TimeStamp } from '../time-stamping/read-time-stamp.ts'
import type { Subject } from '../validation-data/collect.ts'
import type { DocumentSignature } from './document-signatures.ts'

export interface SignatureHistory {
  /** In the order in which they were made. */
  readonly signatures: readonly DocumentSignature[]
  /** For each of them, where the security store stood in the revision that it covers; -1 where there was none. */
  readonly storesWrittenAt: readonly number[]
}

/** The signatures and time-stamps that are not settled. */
export function unsettled({ signatures, storesWrittenAt }: SignatureHistory): readonly DocumentSignature[] {
  return signatures.filter(
    ({ end }, i) =>
      !signatures.some(
        (later, j) => j > i && later.kind === 'time-stamp' && (storesWrittenAt[j] ?? -1) >= end,
      ),
  )
}

/** The last signature with the time-stamps behind it. */
export function lastOf(signatures: readonly DocumentSignature[]): readonly DocumentSignature[] {
  return signatures.slice(signatures.findLastIndex(({ kind }) => kind === 'signature'))
}

/**
 * Whether a time-stamp, its own or a document time-stamp behind it, proves when each of the concerned signatures existed.
 *
 * @param signatures  all of the document
 */
export function allHaveTime(
  concerned: readonly DocumentSignature[],
  signatures: readonly DocumentSignature[],
): boolean {
  return concerned.every(signature => signature.kind === 'time-stamp' || provenAt(signature, signatures))
}

/** The certificates to collect validation data for. */
export function subjectsOf(
  signature: DocumentSignature,
  signatures: readonly DocumentSignature[],
): readonly Subject[] {
  const stampedAt = stampedAfter(signature, signatures)
  if (signature.kind === 'time-stamp') return [unitOf(signature.timeStamp, stampedAt)]
  const { bytes } = signature.signer
  const usedBefore = provenAt(signature, signatures)
  return [
    { certificate: bytes, purpose: 'signing', usedBefore },
    ...signature.timeStamps.map(timeStamp => unitOf(timeStamp, stampedAt)),
  ]
}

function unitOf({ unit }: TimeStamp, usedBefore: Date | undefined): Subject {
  return { certificate: unit.bytes, purpose: 'time-stamping', usedBefore }
}

/** The earliest time at which the signature is proven to have existed. */
function provenAt(
  signature: DocumentSignature & { readonly kind: 'signature' },
  signatures: readonly DocumentSignature[],
): Date | undefined {
  const own = signature.timeStamps.map(({ generatedAt }) => generatedAt)
  const behind = stampedAfter(signature, signatures)
  return [...own, ...(behind === undefined ? [] : [behind])].sort((a, b) => a.getTime() - b.getTime())[0]
}

/** When the first document time-stamp behind it was made. */
function stampedAfter(
  { end }: DocumentSignature,
  signatures: readonly DocumentSignature[],
): Date | undefined {
  for (const later of signatures)
    if (later.kind === 'time-stamp' && later.end > end) return later.timeStamp.generatedAt
  return undefined
}
