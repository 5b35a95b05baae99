/** The passkey of somebody in the roster that answered. */
import { equal } from '@natsuin/pki/encoding'
import type { Assertion } from '@natsuin/protocol/approval'
import type { Person, PersonPasskey } from '@natsuin/protocol/genesis'
import { demanded } from '../verdict.ts'

export function passkeyOf({ id, passkeys }: Person, { credentialId }: Assertion): PersonPasskey {
  const found = passkeys.find(passkey => equal(passkey.credentialId, credentialId))
  return demanded(found, 'assertion-invalid', `the passkey that answered is none of ${id}`)
}
