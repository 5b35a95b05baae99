/**
 * What the log says must not come back, in memory (sole-control 9).
 *
 * Rebuilt from the log's leaves at start and kept up since, so that a sealed record restored to an older version
 * revives nothing: no revoked credential, no spent grant, no authenticator free to be registered again.
 */
import { toHex } from '@natsuin/pki/encoding'
import type { Leaf, LeafEvent } from '@natsuin/protocol/log'

type LeafOf<E extends LeafEvent> = Extract<Leaf, { event: E }>

export class StateLog {
  readonly #credentials = new Set<string>()
  readonly #revoked = new Set<string>()
  /** Those whose revocation is in the log. */
  readonly #revocationsLogged = new Set<string>()
  readonly #withheld = new Set<string>()
  readonly #spentGrants = new Set<string>()
  readonly #authenticatorKeys = new Set<string>()
  /** Reservations without an outcome. */
  readonly #unsettled = new Set<string>()

  /** Takes over a leaf that is in the log. */
  replay(leaf: Leaf): void {
    // Each handler takes the leaf of the event it stands under.
    const handle = this.#handlers[leaf.event] as ((leaf: Leaf) => void) | undefined
    handle?.(leaf)
  }

  /** Whether a key was ever generated for it. */
  isCredential = (credentialId: string): boolean => this.#credentials.has(credentialId)

  generated(credentialId: string): void {
    this.#credentials.add(credentialId)
  }

  isRevoked = (credentialId: string): boolean => this.#revoked.has(credentialId)
  isRevocationLogged = (credentialId: string): boolean => this.#revocationsLogged.has(credentialId)

  /** From now on; before the commit, so that nothing is signed meanwhile. */
  revoke(credentialId: string): void {
    this.#revoked.add(credentialId)
  }

  revocationLogged(credentialId: string): void {
    this.#revoked.add(credentialId)
    this.#revocationsLogged.add(credentialId)
  }

  /** Activations whose values were not released, because the credential was revoked meanwhile. */
  isWithheld = (activationId: string): boolean => this.#withheld.has(activationId)

  withhold(activationId: string): void {
    this.#withheld.add(activationId)
  }

  isGrantSpent = (grantId: string): boolean => this.#spentGrants.has(grantId)
  isRegistered = (authenticatorKeyDigest: Uint8Array): boolean =>
    this.#authenticatorKeys.has(toHex(authenticatorKeyDigest))

  /** Spends a grant on an authenticator; before the commit, so that nobody else can meanwhile. */
  enrol(grantId: string, authenticatorKeyDigest: Uint8Array): void {
    this.#spentGrants.add(grantId)
    this.#authenticatorKeys.add(toHex(authenticatorKeyDigest))
  }

  /** Takes `enrol` back, when it certainly did not become durable. */
  forgetEnrolment(grantId: string, authenticatorKeyDigest: Uint8Array): void {
    this.#spentGrants.delete(grantId)
    this.#authenticatorKeys.delete(toHex(authenticatorKeyDigest))
  }

  /** Activations that were granted in the replayed log and have no outcome there. */
  unsettled(): readonly string[] {
    return [...this.#unsettled]
  }

  readonly #handlers: { readonly [E in LeafEvent]?: (leaf: LeafOf<E>) => void } = {
    enrolled: ({ grantId, authenticatorKeyDigest }) => this.enrol(grantId, authenticatorKeyDigest),
    'key-generated': ({ credentialId }) => this.generated(credentialId),
    'credential-revoked': ({ credentialId }) => this.revocationLogged(credentialId),
    granted: ({ activationId }) => this.#unsettled.add(activationId),
    completed: ({ activationId }) => this.#unsettled.delete(activationId),
    settled: ({ activationId }) => this.#unsettled.delete(activationId),
  }
}
