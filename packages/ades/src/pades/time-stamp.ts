/**
 * Whether what a time-stamp authority sent is a token over this signature value (RFC 3161, 2.4.2).
 *
 * Its signature is not verified here: which authorities are trusted is the verifier's business. A token over
 * something else, however, would spoil a signature that cannot be made again.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { DerError, OID, parseDer, readFields, readOctetString } from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { readDigestAlgorithm } from '@natsuin/pki/x509'
import { PdfRefusal } from '../pdf/refusal.ts'

export interface Imprint {
  readonly digestAlgorithm: DigestAlgorithm
  readonly imprint: Uint8Array
}

/** @throws PdfRefusal `time-stamp-invalid` */
export function checkTimeStampToken(token: Uint8Array, expected: Imprint): void {
  const found = imprintOf(token)
  const same = found.digestAlgorithm === expected.digestAlgorithm && equal(found.imprint, expected.imprint)
  if (!same) throw new PdfRefusal('time-stamp-invalid', 'another imprint')
}

function imprintOf(token: Uint8Array): Partial<Imprint> & { readonly imprint: Uint8Array } {
  try {
    const { contentType, content } = parseSignedData(token)
    if (contentType !== OID.tstInfo || content === undefined)
      throw new DerError('value-not-allowed', 'TSTInfo')
    return readFields(parseDer(content), 'TSTInfo', fields => {
      fields.take('version')
      fields.take('policy')
      const imprint = readFields(fields.take('messageImprint'), 'MessageImprint', inner => ({
        digestAlgorithm: readDigestAlgorithm(inner.take('hashAlgorithm')),
        imprint: readOctetString(inner.take('hashedMessage')),
      }))
      fields.rest()
      return { ...imprint, digestAlgorithm: imprint.digestAlgorithm ?? 'sha256' }
    })
  } catch (error) {
    if (error instanceof DerError) throw new PdfRefusal('time-stamp-invalid', error.reason)
    throw error
  }
}
