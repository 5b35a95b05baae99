/** The enrolled authenticator answered for this statement, with user verification. */
import type { KeptProofOf } from '@natsuin/protocol/approval'
import { checkAssertion } from '../../webauthn/assertion.ts'
import type { ProvenStatement } from './proof.ts'

export async function checkPasskeyProof(
  { assertion }: KeptProofOf<'passkey'>,
  { statement, authenticator, sam }: ProvenStatement,
): Promise<void> {
  await checkAssertion({ statement, assertion }, authenticator, sam)
}
