/**
 * That one of these authenticators gave this answer, and that it is fit for the level.
 *
 * Backup eligibility never changes after registration (WebAuthn Level 3, 6.1.3), and at level 3 a key that can leave
 * its device is not enough (sole-control 1: the cloud account behind a synced passkey is outside the claim).
 */
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Level } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { checkAssertion, type ParsedAssertion } from './assertion.ts'

export interface KnownAuthenticator {
  readonly credentialId: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly algorithm: SignatureAlgorithm
  /** Signature counter at registration. */
  readonly counter: number
  /** As registered; undefined where that was not recorded. */
  readonly backupEligible?: boolean
}

/** The one of these that answered. @throws Refusal `authenticator-unknown` */
export function findAuthenticator<A extends KnownAuthenticator>(
  authenticators: readonly A[],
  { raw }: ParsedAssertion,
): A {
  const found = authenticators.find(({ credentialId }) => equal(credentialId, raw.credentialId))
  if (found === undefined) throw refuse('authenticator-unknown')
  return found
}

/**
 * Its counter must have been loaded.
 * @throws Refusal with a code of the ceremony's rules, `assertion-invalid`, `authenticator-policy`, `counter-regression`
 */
export function checkAuthenticator(
  { roster, counters }: Pick<Sam, 'roster' | 'counters'>,
  authenticator: KnownAuthenticator,
  answer: { readonly assertion: ParsedAssertion; readonly challenge: Uint8Array; readonly level: Level },
): void {
  const { assertion, challenge, level } = answer
  checkAssertion(assertion, authenticator, { challenge, relyingParty: roster })
  const { backupEligible, counter } = assertion.authenticatorData
  checkBackup(authenticator.backupEligible ?? backupEligible, backupEligible, level)
  counters.check(authenticator.credentialId, counter)
}

/** @throws Refusal `authenticator-policy` */
export function checkBackup(registered: boolean, now: boolean, level: Level): void {
  if (registered !== now || (level === 3 && now)) throw refuse('authenticator-policy')
}
