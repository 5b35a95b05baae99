/**
 * Why a signature is not made or not augmented, whatever its format: one table of codes with a sentence each.
 * What is about PDF documents is in `pdf/refusal.ts`.
 */
import { TypedRefusal } from './typed-refusal.ts'

/** Every reason, with the sentence an edge may show. The key is the code. */
export const ADES_REFUSALS = {
  'no-path': 'There is no valid path from a certificate to a trust anchor.',
  'certificate-expired': 'A certificate is not valid at the time in question.',
  'certificate-revoked': 'A certificate is revoked.',
  'status-unavailable': 'There is no information on whether a certificate is revoked.',
  'status-invalid': 'The information on whether a certificate is revoked cannot be relied on.',
  'signature-does-not-verify': 'The signature value does not verify with the signing certificate.',
  'time-stamp-unavailable': 'No time-stamping authority gave a time-stamp.',
  'time-stamp-invalid': 'The time-stamp token is not a token over what was to be stamped.',
  'exchange-forbidden': 'The address may not be asked.',
  'exchange-failed': 'The address did not answer as it should.',
  'exchange-exhausted': 'More exchanges would be needed than are allowed.',
  'payload-unwritable': 'The content cannot stand in the signature without being encoded.',
  'content-missing': 'Something that the signature is over was not given.',
  'content-altered': 'Something that the signature is over is not what it refers to.',
  'content-ambiguous': 'What the signature is over could be read in two ways.',
  'signature-missing': 'There is no signature.',
  'signature-unreadable': 'A signature is not written as its standard demands.',
  'content-differs': 'The signature is over another content.',
  'level-already-reached': 'The signature has this level, or a higher one.',
} as const satisfies Readonly<Record<string, string>>

export type AdesRefusalCode = keyof typeof ADES_REFUSALS

/** An expected "no" about a signature. */
export class AdesRefusal extends TypedRefusal<AdesRefusalCode> {
  override readonly name = 'AdesRefusal'

  constructor(code: AdesRefusalCode, detail?: string, options?: ErrorOptions) {
    super(ADES_REFUSALS, code, detail, options)
  }
}
