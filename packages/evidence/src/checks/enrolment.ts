/** The holder of the grant's one-time key registered this authenticator. */
import { equal } from '@natsuin/pki/encoding'
import { enrolmentMessage, enrolStatement, enrolTicket } from '@natsuin/protocol/approval'
import type { Evidence } from '@natsuin/protocol/evidence'
import type { Leaf } from '@natsuin/protocol/log'
import type { Sam } from '../sam.ts'
import { demand } from '../verdict.ts'
import type { Authenticator } from '../webauthn/authenticator.ts'
import { checkRegistration } from '../webauthn/registration.ts'
import type { CheckedGrant } from './grant.ts'
import { readStatement, readTicket } from './statement.ts'

/** A signer, and the authenticators that are his. */
export interface EnrolledSigner {
  readonly signerId: string
  /** The one that was enrolled first, then those that were added. */
  readonly authenticators: readonly OwnedAuthenticator[]
}

export interface OwnedAuthenticator extends Authenticator {
  /** By the SAM's clock. */
  readonly since: Date
}

export async function checkEnrolment(
  enrolment: Evidence['enrolment'],
  { id, grant }: CheckedGrant,
  leaf: Extract<Leaf, { event: 'enrolled' }>,
  sam: Sam,
): Promise<EnrolledSigner> {
  const { platform } = sam
  const ticket = await readTicket(readStatement(enrolment.statement, enrolStatement).ticket, enrolTicket, sam)
  demand(
    ticket.grantId === id && leaf.grantId === id,
    'grants-differ',
    'the enrolment was under another grant',
  )
  const message = await enrolmentMessage(enrolment.statement, enrolment.registration, platform)
  const held = await platform.verify({
    algorithm: 'ecdsa-sha256',
    spki: grant.enrolmentKey,
    data: message,
    signature: enrolment.enrolmentSignature,
  })
  demand(held, 'enrolment-not-by-grant-holder', 'the registration is not signed with the enrolment key')
  const authenticator = await checkRegistration(enrolment.statement, enrolment.registration, sam)
  const digests = await Promise.all(
    [message, authenticator.publicKey].map(part => platform.digest('sha256', part)),
  )
  const recorded = [leaf.registrationDigest, leaf.authenticatorKeyDigest]
  const same = recorded.every((digest, i) => equal(digest, digests[i] ?? new Uint8Array()))
  demand(same, 'registration-invalid', 'the log records another registration')
  return { signerId: leaf.signerId, authenticators: [{ ...authenticator, since: new Date(leaf.at) }] }
}
