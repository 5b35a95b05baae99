/** A passkey, registered over the enrolment statement and nobody's yet. */
import { digestSync } from '@natsuin/pki/node'
import type { Registration } from '@natsuin/protocol/approval'
import { refuse } from '../../refuse.ts'
import { classOf } from '../../roster/class-of.ts'
import type { Sam } from '../../sam.ts'
import { authenticatorId } from '../../webauthn/counters.ts'
import { checkAttestedRegistration, type RegisteredAuthenticator } from '../../webauthn/registration.ts'

/** @throws Refusal those of `checkAttestedRegistration`, `class-unknown`, `authenticator-registered` */
export async function checkNewAuthenticator(
  sam: Sam,
  statement: Uint8Array,
  registration: Registration,
  classId: string,
): Promise<RegisteredAuthenticator> {
  const { authenticators: accepted } = classOf(sam, classId)
  const policy = { accepted, at: new Date(sam.time.milliseconds()) }
  const expected = { challenge: digestSync('sha256', statement), relyingParty: sam.roster }
  const authenticator = await checkAttestedRegistration(registration, expected, policy)
  const known = await sam.records.read('authenticator', authenticatorId(authenticator.credentialId))
  if (known !== undefined) throw refuse('authenticator-registered')
  return authenticator
}
