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
import { authenticatorId } from './counters.ts'

export interface KnownAuthenticator {
  readonly credentialId: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly algorithm: SignatureAlgorithm
  /** Signature counter at registration. */
  readonly counter: number
  /** Seconds; undefined where that was not recorded. */
  readonly registeredAt?: number
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

/** What an authenticator answered, and what it must be fit for. */
export interface AuthenticatorAnswer {
  readonly assertion: ParsedAssertion
  readonly challenge: Uint8Array
  readonly ticket: { readonly issuedAt: number }
  readonly level: Level
}

/**
 * Its counter must have been loaded.
 * @throws Refusal with a code of the ceremony's rules, `assertion-invalid`, `authenticator-unknown`,
 *   `authenticator-suspended`, `authenticator-policy`, `counter-regression`
 */
export function checkAuthenticator(
  { roster, counters, state }: Pick<Sam, 'roster' | 'counters' | 'state'>,
  authenticator: KnownAuthenticator,
  { assertion, challenge, ticket, level }: AuthenticatorAnswer,
): void {
  checkAssertion(assertion, authenticator, { challenge, relyingParty: roster })
  checkActive(state, authenticator)
  const { backupEligible, counter } = assertion.authenticatorData
  checkBackup(authenticator.backupEligible ?? backupEligible, backupEligible, level)
  counters.check(authenticator.credentialId, counter, ticket.issuedAt)
}

/** What a record says that was restored does not bring it back (sole-control 9). */
function checkActive(state: Sam['state'], { credentialId }: KnownAuthenticator): void {
  const id = authenticatorId(credentialId)
  if (state.isRemoved(id)) throw refuse('authenticator-unknown')
  if (state.isSuspended(id)) throw refuse('authenticator-suspended')
}

/** @throws Refusal `authenticator-policy` */
export function checkBackup(registered: boolean, now: boolean, level: Level): void {
  if (registered !== now || (level === 3 && now)) throw refuse('authenticator-policy')
}
