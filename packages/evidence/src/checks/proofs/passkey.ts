/** One of the signer's authenticators answered for this statement, with user verification. */
import { equal } from '@natsuin/pki/encoding'
import type { KeptProofOf } from '@natsuin/protocol/approval'
import { type ApprovedWithPasskey, demanded } from '../../verdict.ts'
import { checkAssertion } from '../../webauthn/assertion.ts'
import type { ProvenStatement } from './proof.ts'

export async function checkPasskeyProof(
  { assertion }: Pick<KeptProofOf<'passkey'>, 'assertion'>,
  { statement, signer: { authenticators }, sam }: ProvenStatement,
): Promise<ApprovedWithPasskey> {
  const index = authenticators.findIndex(({ credentialId }) => equal(credentialId, assertion.credentialId))
  const known = demanded(authenticators[index], 'assertion-invalid', 'another authenticator answered')
  await checkAssertion({ statement, assertion }, known, sam)
  const { credentialId, since } = known
  return { kind: 'passkey', credentialId, origin: index === 0 ? 'enrolled' : 'added', since }
}
