/**
 * A time-stamp over an imprint, taken only when it is one (RFC 3161, 2.4.2).
 *
 * Its signature is not verified here: which authorities are trusted is the verifier's business. A token over
 * something else, however, would spoil a signature that cannot be made again.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { DerError, OID } from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { type MessageImprint, parseTstInfo } from '@natsuin/pki/tsp'
import { AdesRefusal } from '../refusal.ts'
import type { TimeStampSource } from './first-time-stamp.ts'

export interface Imprint {
  readonly digestAlgorithm: DigestAlgorithm
  readonly imprint: Uint8Array
}

/**
 * @returns DER TimeStampToken
 * @throws AdesRefusal `time-stamp-unavailable` without a source, `time-stamp-invalid`, and what the source refuses with
 */
export async function timeStampOver(
  expected: Imprint,
  source: TimeStampSource | undefined,
): Promise<Uint8Array> {
  if (source === undefined) throw new AdesRefusal('time-stamp-unavailable', 'no authority is given')
  const token = await source(expected.imprint, expected.digestAlgorithm)
  const { digestAlgorithm, hashedMessage } = imprintOf(token)
  const same = digestAlgorithm === expected.digestAlgorithm && equal(hashedMessage, expected.imprint)
  if (!same) throw new AdesRefusal('time-stamp-invalid', 'another imprint')
  return token
}

function imprintOf(token: Uint8Array): MessageImprint {
  try {
    const { contentType, content } = parseSignedData(token)
    if (contentType !== OID.tstInfo || content === undefined)
      throw new DerError('value-not-allowed', 'TSTInfo')
    return parseTstInfo(content).imprint
  } catch (error) {
    if (error instanceof DerError) throw new AdesRefusal('time-stamp-invalid', error.reason)
    throw error
  }
}
