/** The provider vouched, and one of the signer's authenticators answered, both for this statement. */
import type { KeptProofOf } from '@natsuin/protocol/approval'
import type { ApprovedWithBoth } from '../../verdict.ts'
import { checkPasskeyProof } from './passkey.ts'
import type { ProvenStatement } from './proof.ts'
import { checkProviderProof } from './provider.ts'

export async function checkBothProofs(
  { assertion, idToken }: KeptProofOf<'provider-and-passkey'>,
  proven: ProvenStatement,
): Promise<ApprovedWithBoth> {
  const passkey = await checkPasskeyProof({ assertion }, proven)
  const { logIn } = await checkProviderProof({ idToken }, proven)
  return { kind: 'provider-and-passkey', passkey, logIn }
}
