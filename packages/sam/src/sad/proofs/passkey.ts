/** One of the signer's authenticators answered for exactly these bytes, its user verified (sole-control 4, step 5). */
import type { ProofOf } from '@natsuin/protocol/approval'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import type { Authenticator, CredentialRecord } from '../../store/record-shapes.ts'
import { answeredFor } from '../../tickets/open-answer.ts'
import type { ParsedAssertion } from '../../webauthn/assertion.ts'
import { checkAuthenticator, findAuthenticator } from '../../webauthn/check-authenticator.ts'
import { authenticatorId } from '../../webauthn/counters.ts'
import type { Approved, Approving, LoadedProof, OpenedProof } from './proof.ts'

/** @throws Refusal `malformed`, `challenge-mismatch` */
export function openPasskeyProof(proof: ProofOf<'passkey'>, { challenge }: Approved): OpenedProof {
  const assertion = answeredFor(proof.assertion, challenge)
  return { load: (sam, approving) => load(sam, approving, assertion, proof) }
}

const HOUR_SECONDS = 3600

/** Whoever did not add it himself has this long to notice (threats T-WA-13). @throws Refusal `authenticator-resting` */
function checkRested(
  { approvedBy, registeredAt }: Authenticator,
  { restHours = 0 }: CredentialRecord,
  now: number,
): void {
  if (approvedBy !== undefined && now < registeredAt + restHours * HOUR_SECONDS)
    throw refuse('authenticator-resting')
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
    check: () => {
      checkAuthenticator(sam, authenticator, { assertion, challenge, ticket, level: credential.level })
      checkRested(authenticator, credential, sam.time.seconds())
    },
    take: () => sam.counters.advance(authenticator.credentialId, counter, sam.time.seconds()),
    forget: () => sam.counters.forget(authenticator.credentialId),
  }
}
