/** An assertion over a statement: WebAuthn Level 3, 7.2, the steps that concern someone who was not there. */
import { concat, equal } from '@natsuin/pki/encoding'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import type { Sam } from '../sam.ts'
import { demand } from '../verdict.ts'
import type { Authenticator } from './authenticator.ts'
import { checkAuthenticatorData } from './authenticator-data.ts'
import { checkClientData } from './client-data.ts'

export async function checkAssertion(
  { statement, assertion }: ApprovedStatement,
  authenticator: Authenticator,
  sam: Sam,
): Promise<void> {
  const { clientDataJSON, authenticatorData, signature } = assertion
  await checkClientData(clientDataJSON, 'webauthn.get', statement, sam, 'assertion-invalid')
  await checkAuthenticatorData(authenticatorData, sam, 'assertion-invalid')
  const known = equal(assertion.credentialId, authenticator.credentialId)
  demand(known, 'assertion-invalid', 'another authenticator answered')
  const data = concat(authenticatorData, await sam.platform.digest('sha256', clientDataJSON))
  const { algorithm, publicKey: spki } = authenticator
  const genuine = await sam.platform.verify({ algorithm, spki, data, signature })
  demand(genuine, 'assertion-invalid', 'the assertion is not signed by the authenticator')
}
