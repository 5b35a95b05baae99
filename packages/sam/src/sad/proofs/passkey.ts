/** One of the signer's authenticators answered for exactly these bytes, its user verified (sole-control 4, step 5). */
import type { ProofOf } from '@natsuin/protocol/approval'
import type { Sam } from '../../sam.ts'
import { answeredFor } from '../../tickets/open-answer.ts'
import type { ParsedAssertion } from '../../webauthn/assertion.ts'
import { checkAuthenticator, findAuthenticator } from '../../webauthn/check-authenticator.ts'
import { authenticatorId } from '../../webauthn/counters.ts'
import type { Approving, LoadedProof, OpenedProof } from './proof.ts'

/** @throws Refusal `malformed`, `challenge-mismatch` */
export function openPasskeyProof(proof: ProofOf<'passkey'>, challenge: Uint8Array): OpenedProof {
  const assertion = answeredFor(proof.assertion, challenge)
  return { load: (sam, approving) => load(sam, approving, assertion, proof) }
}

/** @throws Refusal `authenticator-unknown` */
async function load(
  sam: Sam,
  { challenge, ticket, credential, signer }: Approving,
  assertion: ParsedAssertion,
  kept: ProofOf<'passkey'>,
): Promise<LoadedProof> {
  const authenticator = findAuthenticator(signer.authenticators, assertion)
  await sam.counters.load(authenticator)
  const { counter } = assertion.authenticatorData
  return {
    kept,
    approvedBy: authenticatorId(authenticator.credentialId),
    check: () =>
      checkAuthenticator(sam, authenticator, { assertion, challenge, ticket, level: credential.level }),
    take: () => sam.counters.advance(authenticator.credentialId, counter, sam.time.seconds()),
    forget: () => sam.counters.forget(authenticator.credentialId),
  }
}
