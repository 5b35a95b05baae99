/**
 * How the log speaks of what was signed: by commitments, so that it says nothing of the documents once the approvals are
 * erased.
 *
 * A DTBS/R can be guessed by who has the document and the certificate. The salt is the nonce of the ticket, 32 random bytes
 * in the statement that the signer approved: who has the statement, which is outside the log, can compare; who has not,
 * learns nothing. The other digests in the log are of texts that carry such a nonce themselves, or of random values.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { DocumentHashType } from '../approval/index.ts'

/** The commitment is the SHA-256 of this. @param nonce of the ticket under which it was approved, 32 bytes */
export const commitmentText = (nonce: Uint8Array, dtbsr: Uint8Array): Uint8Array =>
  concat(CONTEXT, nonce, dtbsr)

const CONTEXT = utf8('natsuin-dtbsr-v1\n')

/** A digest that was approved, and the DTBS/R that was made of it; both by the same algorithm. */
export interface SignedDocument {
  readonly hashType: DocumentHashType
  readonly documentDigest: Uint8Array
  readonly dtbsr: Uint8Array
}

/** The same for a document: binds what was approved to what was signed for it, and says as what it was approved. */
export const documentCommitmentText = (
  nonce: Uint8Array,
  { hashType, documentDigest, dtbsr }: SignedDocument,
): Uint8Array => concat(utf8(`natsuin-${hashType}-v1\n`), nonce, documentDigest, dtbsr)
