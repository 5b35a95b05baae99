/**
 * The signature value is one by the attested key over the approved digest, and the document carries that value.
 *
 * A verifier of ours takes messages, not digests, so the preimage is needed: the signed attributes, which the
 * document holds, which an item that was seen carries, and which were made of a document. Its digest must be the one
 * that was signed.
 */
import { digestAlgorithms, keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { type ApprovalItem, isDocumentItem } from '@natsuin/protocol/approval'
import type { Evidence } from '@natsuin/protocol/evidence'
import type { KeyAttestation } from '@natsuin/protocol/issuance'
import type { EvidenceQuestion } from '../question.ts'
import { demand, demanded } from '../verdict.ts'

/** Returns whether there was a document to compare with. */
export async function checkSignature(
  activation: Evidence['activation'],
  approved: ApprovalItem,
  attestation: KeyAttestation,
  { document, platform }: EvidenceQuestion,
): Promise<boolean> {
  if (document !== undefined) {
    const same = equal(document.signatureValue, activation.signatureValue)
    demand(same, 'document-differs', 'the document carries another signature value')
  }
  for (const signed of [document?.signedAttributes, preimageOf(approved, activation)]) {
    if (signed !== undefined) await checkValue(signed, activation, attestation, platform)
  }
  return document !== undefined
}

function preimageOf(approved: ApprovalItem, { made }: Evidence['activation']): Uint8Array | undefined {
  if (made !== undefined) return made.madeBy === 'sam' ? made.signedAttributes : made.dtbs
  return !isDocumentItem(approved) && approved.basis === 'seen' ? approved.dtbs : undefined
}

async function checkValue(
  data: Uint8Array,
  { dtbsr, signatureValue: signature }: Evidence['activation'],
  { keyType, publicKey: spki }: KeyAttestation,
  platform: Platform,
): Promise<void> {
  // The digest's length tells the digest algorithm; an RSA key may have signed in either of its two ways.
  const algorithms = keyTypes[keyType].signs.filter(
    name => digestAlgorithms[signatureAlgorithms[name].digest].size === dtbsr.length,
  )
  const [first] = algorithms
  const known = demanded(first, 'signature-invalid', 'no algorithm of this key has a digest of this length')
  const digest = await platform.digest(signatureAlgorithms[known].digest, data)
  demand(equal(digest, dtbsr), 'document-differs', 'the signed attributes are not those that were approved')
  const verdicts = await Promise.all(
    algorithms.map(algorithm => platform.verify({ algorithm, spki, data, signature })),
  )
  demand(verdicts.includes(true), 'signature-invalid', 'the value is not a signature by the attested key')
}
