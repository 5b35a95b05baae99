/**
 * What enrolment sends: the statement, the means by which the person is going to approve, and the signature of the
 * one-time key over both (sole-control 6). Whoever holds `server` lacks that key, so he cannot put means of his own in
 * the place of the person's.
 */
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import type { Digest } from '@natsuin/pki/platform'
import { type EnrolStatement, enrolmentMessage, type Means, toWire } from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import { Problem } from './problem.ts'

/** The bytes whose SHA-256 is the challenge of the registration. */
export function enrolmentBytes(ticketText: string): Uint8Array<ArrayBuffer> {
  const statement: EnrolStatement = { v: 1, purpose: 'enrol', ticket: ticketText }
  return writeJson(toWire(statement))
}

/**
 * The key of the fragment, in a form that can only sign. The bytes are overwritten: the page keeps no copy.
 *
 * @param pkcs8 P-256 private key (RFC 5958)
 * @throws Problem `enrolment-key-unusable`
 */
export async function importEnrolmentKey(pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
    ])
  } catch (cause) {
    throw new Problem('enrolment-key-unusable', {}, { cause })
  } finally {
    pkcs8.fill(0)
  }
}

/** DER signature by the enrolment key over statement and means. */
export async function signEnrolment(
  key: CryptoKey,
  statement: Uint8Array,
  means: Means,
  digest: Digest,
): Promise<Uint8Array<ArrayBuffer>> {
  const message = await enrolmentMessage(statement, means, digest)
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, message)
  return buildEcdsaSigValue(new Uint8Array(signature))
}
