/** A signer's authenticators: his record says which he registered, the state log which of them he may no longer use. */
import type { Sam } from '../sam.ts'
import type { Authenticator, SignerRecord } from '../store/record-shapes.ts'
import { authenticatorId } from '../webauthn/counters.ts'

export interface OwnedAuthenticator extends Authenticator {
  /** SHA-256 of the credential id: how others name it. */
  readonly id: string
}

type State = Pick<Sam, 'state'>

/** Those that were not removed, the suspended ones among them. */
export function authenticatorsOf({ state }: State, { authenticators }: SignerRecord): OwnedAuthenticator[] {
  return authenticators
    .map(authenticator => ({ ...authenticator, id: authenticatorId(authenticator.credentialId) }))
    .filter(({ id }) => !state.isRemoved(id))
}

/** Those that may approve. */
export const activeAuthenticatorsOf = (sam: State, signer: SignerRecord): OwnedAuthenticator[] =>
  authenticatorsOf(sam, signer).filter(({ id }) => sam.state.isActive(id))

/** What a ticket tells the signer, so that nobody adds one to his or takes one of them in silence (threats T-WA-13). */
export function authenticatorSummary(sam: State, signer: SignerRecord) {
  const { authenticators } = signer
  const changes = authenticators.flatMap(({ credentialId, registeredAt }) => [
    registeredAt,
    Math.floor((sam.state.removedAt(authenticatorId(credentialId)) ?? 0) / 1000),
  ])
  return { count: authenticatorsOf(sam, signer).length, changedAt: Math.max(0, ...changes) }
}
