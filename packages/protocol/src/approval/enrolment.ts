/**
 * What the one-time enrolment key signs: the whole WebAuthn registration, tied to its statement.
 *
 * The private half reached the person outside `server` (sole-control 6), so whoever holds `server` cannot put
 * his own authenticator in the place of the person's.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { Registration } from './assertion.ts'

/** The message for an ECDSA P-256 SHA-256 signature: a context and three digests of fixed length. */
export async function enrolmentMessage(statement: Uint8Array, answer: Registration, digest: Digest) {
  const digests = await Promise.all(
    [statement, answer.clientDataJSON, answer.attestationObject].map(part => digest.digest('sha256', part)),
  )
  return concat(utf8('natsuin-enrolment-v1\n'), ...digests)
}
