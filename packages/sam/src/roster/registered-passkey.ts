/** The passkey that somebody registered for a place in the roster (sole-control 8). */
import { digestSync } from '@natsuin/pki/node'
import { personStatement, type Registration } from '@natsuin/protocol/approval'
import type { PersonPasskey, Roster } from '@natsuin/protocol/genesis'
import { checkRegistration } from '../webauthn/registration.ts'

/** @throws Refusal those of `checkRegistration` */
export function registeredPasskey(
  registration: Registration,
  personId: string,
  where: Pick<Roster, 'deployment' | 'rpId' | 'approvalOrigin'>,
): PersonPasskey {
  const challenge = digestSync('sha256', personStatement(where.deployment, personId))
  const passkey = checkRegistration(registration, { challenge, relyingParty: where })
  const { credentialId, publicKey, algorithm, backupEligible } = passkey
  return { credentialId, publicKey, algorithm, backupEligible }
}
