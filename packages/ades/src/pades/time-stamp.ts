/**
 * Whether what a time-stamp authority sent is a token over this signature value (RFC 3161, 2.4.2).
 *
 * Its signature is not verified here: which authorities are trusted is the verifier's business. A token over
 * something else, however, would spoil a signature that cannot be made again.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { DerError, OID } from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { type MessageImprint, parseTstInfo } from '@natsuin/pki/tsp'
import { PdfRefusal } from '../pdf/refusal.ts'

/** Room for a token where nothing else is said: with a chain of three RSA-4096 certificates it is about 8 KiB. */
export const TIME_STAMP_TOKEN_BYTES = 16 * 1024

export interface Imprint {
  readonly digestAlgorithm: DigestAlgorithm
  readonly imprint: Uint8Array
}

/** @throws PdfRefusal `time-stamp-invalid` */
export function checkTimeStampToken(token: Uint8Array, expected: Imprint): void {
  const { digestAlgorithm, hashedMessage } = imprintOf(token)
  const same = digestAlgorithm === expected.digestAlgorithm && equal(hashedMessage, expected.imprint)
  if (!same) throw new PdfRefusal('time-stamp-invalid', 'another imprint')
}

function imprintOf(token: Uint8Array): MessageImprint {
  try {
    const { contentType, content } = parseSignedData(token)
    if (contentType !== OID.tstInfo || content === undefined)
      throw new DerError('value-not-allowed', 'TSTInfo')
    return parseTstInfo(content).imprint
  } catch (error) {
    if (error instanceof DerError) throw new PdfRefusal('time-stamp-invalid', error.reason)
    throw error
  }
}
