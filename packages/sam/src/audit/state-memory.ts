/**
 * What the state log says, in memory (sole-control 9).
 *
 * Rebuilt from the log's leaves at start and told of every leaf since, this SAM's and others', so that a sealed
 * record restored to an older version revives nothing: no revoked credential, no destroyed key, no spent grant, no authenticator free
 * to be registered again. Beside it stand the claims of operations whose leaf is still on its way.
 */
import { toHex } from '@natsuin/pki/encoding'
import type { StateLeaf } from '@natsuin/protocol/log'
import type { KeyDestruction } from '../keys/key-destruction.ts'
import { MasterKeyInForce } from '../keys/master-key/master-key-in-force.ts'
import { LogRejected } from './read-log.ts'

type LeafOf<E extends StateLeaf['event']> = Extract<StateLeaf, { event: E }>

/** A roster as the log names it. */
export interface NamedRoster {
  readonly version: number
  readonly digest: Uint8Array
}

export class StateMemory {
  #roster: NamedRoster | undefined
  /** Credentials, with their signers. */
  readonly #credentials = new Map<string, string>()
  /** What is or is about to be in the log. */
  readonly #revoked = new Set<string>()
  readonly #revocationsLogged = new Set<string>()
  readonly #destroyed = new Map<string, KeyDestruction>()
  readonly #destructionsLogged = new Set<string>()
  readonly #enrolled = new Claims()
  readonly #registered = new Claims()
  /** Authenticators that may no longer act, with the milliseconds since when. */
  readonly #removed = new Map<string, number>()
  readonly #removalsLogged = new Set<string>()
  readonly #suspended = new Set<string>()
  readonly #suspensionsLogged = new Set<string>()
  readonly #closedSigners = new Set<string>()
  /** Until when PIN and code of a signer approve nothing, in seconds. */
  readonly #locks = new Map<string, number>()
  readonly #locksLogged = new Map<string, number>()
  readonly #providers = new Set<string>()
  /** Keys that are in the memory of one SAM alone, by credential: that SAM, and the milliseconds since when. */
  readonly #held = new Map<string, { readonly by: string; readonly at: number }>()
  readonly masterKey = new MasterKeyInForce()
  /** Marks of restorations that people have agreed to, by digest. */
  readonly #restorations = new Set<string>()
  /** Public keys that came from elsewhere, by digest: one key is one signer's (EN 419 241-1:2018, SRG_KM.3.4). */
  readonly #imported = new Claims()
  /** Newest checkpoint of the activity log that its SAM named when it opened or closed it, by instance. */
  readonly #activity = new Map<string, string>()

  /** Takes over a leaf that is in the log. */
  replay(leaf: StateLeaf): void {
    // Each handler takes the leaf of the event it stands under.
    const handle = this.#handlers[leaf.event] as ((leaf: StateLeaf) => void) | undefined
    handle?.(leaf)
  }

  /** The one in force. @throws LogRejected when leaf 0 is no genesis */
  get roster(): NamedRoster {
    if (this.#roster === undefined) throw new LogRejected('leaf 0 is no genesis')
    return this.#roster
  }

  /** SAMs that have ever opened their activity logs. */
  get instances(): readonly string[] {
    return [...this.#activity.keys()]
  }

  activityCheckpoint = (instance: string): string | undefined => this.#activity.get(instance)

  isRestorationApproved = (digest: Uint8Array): boolean => this.#restorations.has(toHex(digest))

  /** All of them, in the order of the log. */
  credentials = (): readonly string[] => [...this.#credentials.keys()]

  /** Whether a key was ever generated for it. */
  isCredential = (credentialId: string): boolean => this.#credentials.has(credentialId)

  /** By itself, or because its signer was closed. */
  isRevoked = (credentialId: string): boolean =>
    this.#revoked.has(credentialId) || this.#closedSigners.has(this.#credentials.get(credentialId) ?? '')

  credentialsOf = (signerId: string): readonly string[] =>
    [...this.#credentials].filter(([, owner]) => owner === signerId).map(([credentialId]) => credentialId)

  isRevocationLogged = (credentialId: string): boolean => this.#revocationsLogged.has(credentialId)

  /** From now on; before the commit, so that nothing is signed meanwhile. */
  revoke(credentialId: string): void {
    this.#revoked.add(credentialId)
  }

  /** Why its key is destroyed; undefined while it is not. */
  destructionOf = (credentialId: string): KeyDestruction | undefined => this.#destroyed.get(credentialId)

  isDestructionLogged = (credentialId: string): boolean => this.#destructionsLogged.has(credentialId)

  /** From now on; before the commit, so that nothing is signed meanwhile. */
  destroyKey(credentialId: string, reason: KeyDestruction): void {
    if (!this.#destroyed.has(credentialId)) this.#destroyed.set(credentialId, reason)
  }

  isGrantSpent = (grantId: string): boolean => this.#enrolled.has(grantId)

  /** Whether it is the digest of a key by which somebody approves: an authenticator's or software's. */
  isRegistered = (keyDigest: Uint8Array): boolean => this.#registered.has(toHex(keyDigest))

  /** Spends a grant on the keys by which its person approves; before the commit, so that nobody else can meanwhile. */
  claimEnrolment(grantId: string, keyDigests: readonly Uint8Array[]): void {
    this.#enrolled.claim(grantId)
    for (const digest of keyDigests) this.#registered.claim(toHex(digest))
  }

  /** Keys of a SAM that has just begun: whatever its predecessor held is lost. */
  lostWith = (instance: string): readonly string[] =>
    [...this.#held].filter(([, { by }]) => by === instance).map(([credentialId]) => credentialId)

  isKeyImported = (publicKeyDigest: Uint8Array): boolean => this.#imported.has(toHex(publicKeyDigest))

  isKeyImportedInLog = (publicKeyDigest: Uint8Array): boolean =>
    this.#imported.isLogged(toHex(publicKeyDigest))

  /** Before the commit, so that nobody else can import it meanwhile. */
  claimImport(publicKeyDigest: Uint8Array): void {
    this.#imported.claim(toHex(publicKeyDigest))
  }

  releaseImport(publicKeyDigest: Uint8Array): void {
    this.#imported.release(toHex(publicKeyDigest))
  }

  /** It is somebody's in the roster, and cannot become a signer's (EN 419 241-1:2018, SRG_M.1.5). */
  registerInRoster(authenticatorKeyDigest: Uint8Array): void {
    this.#registered.log(toHex(authenticatorKeyDigest))
  }

  /** Whether an identity provider of this id is or was in a roster: what was removed does not come back. */
  wasProvider = (providerId: string): boolean => this.#providers.has(providerId)

  registerProvider(providerId: string): void {
    this.#providers.add(providerId)
  }

  /** Takes a claim back: from then on the log alone decides. */
  releaseEnrolment(grantId: string, keyDigests: readonly Uint8Array[]): void {
    this.#enrolled.release(grantId)
    for (const digest of keyDigests) this.#registered.release(toHex(digest))
  }

  /** Before the commit, so that nobody registers it twice meanwhile. */
  claimRegistration(authenticatorKeyDigest: Uint8Array): void {
    this.#registered.claim(toHex(authenticatorKeyDigest))
  }

  /** Takes the claim back: from then on the log alone decides. */
  releaseRegistration(authenticatorKeyDigest: Uint8Array): void {
    this.#registered.release(toHex(authenticatorKeyDigest))
  }

  /** Whether an authenticator may answer for anybody. */
  isActive = (authenticatorId: string): boolean =>
    !this.#removed.has(authenticatorId) && !this.#suspended.has(authenticatorId)
  isRemoved = (authenticatorId: string): boolean => this.#removed.has(authenticatorId)
  isRemovalLogged = (authenticatorId: string): boolean => this.#removalsLogged.has(authenticatorId)
  isSuspended = (authenticatorId: string): boolean => this.#suspended.has(authenticatorId)
  isSuspensionLogged = (authenticatorId: string): boolean => this.#suspensionsLogged.has(authenticatorId)
  /** Milliseconds; undefined when it was not. */
  removedAt = (authenticatorId: string): number | undefined => this.#removed.get(authenticatorId)

  /** From now on; before the commit. */
  removeAuthenticator(authenticatorId: string, at: number): void {
    this.#removed.set(authenticatorId, at)
  }

  /** From now on; before the commit. */
  suspendAuthenticator(authenticatorId: string): void {
    this.#suspended.add(authenticatorId)
  }

  /** Seconds; 0 when PIN and code were never locked. */
  lockedUntil = (signerId: string): number => this.#locks.get(signerId) ?? 0

  isLockLogged = (signerId: string, until: number): boolean => (this.#locksLogged.get(signerId) ?? 0) >= until

  /** From now on; before the commit. */
  lock(signerId: string, until: number): void {
    this.#locks.set(signerId, Math.max(until, this.lockedUntil(signerId)))
  }

  isClosed = (signerId: string): boolean => this.#closedSigners.has(signerId)

  /** From now on; before the commit, so that nothing is signed meanwhile. */
  closeSigner(signerId: string): void {
    this.#closedSigners.add(signerId)
  }

  isGrantSpentInLog = (grantId: string): boolean => this.#enrolled.isLogged(grantId)

  isRegisteredInLog = (keyDigest: Uint8Array): boolean => this.#registered.isLogged(toHex(keyDigest))

  readonly #handlers: { readonly [E in StateLeaf['event']]?: (leaf: LeafOf<E>) => void } = {
    genesis: ({ rosterDigest: digest }) => {
      this.#roster ??= { version: 1, digest }
    },
    'roster-amended': ({ version, rosterDigest: digest }) => {
      this.#roster = { version, digest }
    },
    opened: ({ instance, activity }) => this.#activity.set(instance, activity),
    closed: ({ instance, activity }) => this.#activity.set(instance, activity),
    enrolled: ({ grantId, authenticatorKeyDigest, sealKeyDigest }) => {
      this.#enrolled.log(grantId)
      for (const digest of [authenticatorKeyDigest, sealKeyDigest]) {
        if (digest !== undefined) this.#registered.log(toHex(digest))
      }
    },
    'key-imported': ({ credentialId, signerId, publicKeyDigest }) => {
      this.#credentials.set(credentialId, signerId)
      this.#imported.log(toHex(publicKeyDigest))
    },
    'key-destroyed': ({ credentialId, reason }) => {
      this.#destroyed.set(credentialId, reason)
      this.#held.delete(credentialId)
      this.masterKey.endSession(credentialId)
      this.#destructionsLogged.add(credentialId)
    },
    'authenticator-added': ({ authenticatorKeyDigest }) =>
      this.#registered.log(toHex(authenticatorKeyDigest)),
    'authenticator-removed': ({ authenticatorId, at }) => {
      this.removeAuthenticator(authenticatorId, at)
      this.#removalsLogged.add(authenticatorId)
    },
    'authenticator-suspended': ({ authenticatorId }) => {
      this.suspendAuthenticator(authenticatorId)
      this.#suspensionsLogged.add(authenticatorId)
    },
    'means-locked': ({ signerId, until }) => {
      this.lock(signerId, until)
      this.#locksLogged.set(signerId, this.lockedUntil(signerId))
    },
    'signer-closed': ({ signerId }) => this.closeSigner(signerId),
    'signer-erased': ({ signerId }) => this.closeSigner(signerId),
    'key-generated': ({ credentialId, signerId, heldBy: by, at }) => {
      this.#credentials.set(credentialId, signerId)
      if (by !== undefined) this.#held.set(credentialId, { by, at })
    },
    'credential-revoked': ({ credentialId }) => {
      this.#revoked.add(credentialId)
      this.#revocationsLogged.add(credentialId)
    },
    'keys-restored': ({ restorationDigest }) => this.#restorations.add(toHex(restorationDigest)),
    'master-key-rotation-begun': leaf =>
      this.masterKey.begin(
        leaf,
        new Map([...this.#held].map(([credentialId, { at }]) => [credentialId, at])),
      ),
    'master-key-rotated': leaf => this.masterKey.end(leaf),
  }
}

/** What may happen once: names in the log, and names of which an operation of this process is about to be. */
class Claims {
  readonly #logged = new Set<string>()
  readonly #claimed = new Set<string>()

  has = (name: string): boolean => this.#logged.has(name) || this.#claimed.has(name)
  isLogged = (name: string): boolean => this.#logged.has(name)

  log(name: string): void {
    this.#logged.add(name)
  }

  claim(name: string): void {
    this.#claimed.add(name)
  }

  release(name: string): void {
    this.#claimed.delete(name)
  }
}
