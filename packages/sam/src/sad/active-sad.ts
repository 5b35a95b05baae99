/**
 * Signature activation data that was accepted: who may sign what, how often, until when (EN 419 241-1: SAD).
 *
 * It lives in the memory of the process that accepted it, its only owner, so its uses are counted without waiting
 * for anything: between a check and the reservation that follows no other request can come. What is used is on
 * disk before the key is; a restart voids what is left (sole-control 3 and 5).
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import type { Level } from '@natsuin/protocol/genesis'
import type { AskedDigest } from '@natsuin/protocol/sap'
import type { VouchedBy } from '../providers/log-outs.ts'
import type { CredentialRecord, KeptKey } from '../store/record-shapes.ts'
import { digestKey, type TypedDigest, typedDigest } from './digest-key.ts'

/** What of a credential is needed to use it, as it was when the approval was accepted. */
export interface ApprovedKey extends Pick<CredentialRecord, 'keyType' | 'publicKey' | 'keys'> {
  readonly level: Level
  readonly certificate: {
    readonly notBefore: number
    readonly notAfter: number
    /** By the algorithm of the approval: what signed attributes name it by (RFC 5035, 4). */
    readonly digest: Uint8Array
  }
}

export interface SadTerms {
  readonly sadId: string
  /** SHA-256 of the bearer value, which is stored nowhere. */
  readonly digest: Uint8Array
  /** Nonce of the ticket; salts what the log says of the representations. */
  readonly nonce: Uint8Array
  readonly signerId: string
  /** The authenticator that approved, if one did. */
  readonly approvedBy: string | undefined
  /** The account at an identity provider, if one vouched for the signer. */
  readonly vouchedBy?: VouchedBy
  readonly credentialId: string
  readonly key: ApprovedKey
  readonly clientId: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly numSignatures: number
  /** Seconds since 1970-01-01T00:00:00Z; from then on it is expired. */
  readonly expiresAt: number
  /** Seconds: when it was approved, and how long that lasts unless it is extended. */
  readonly acceptedAt: number
  readonly lifetimeSeconds: number
}

/** A digest as it was approved; of a DTBS/R with its preimage, if there is one. */
export interface ApprovedDigest extends TypedDigest {
  readonly dtbs: Uint8Array | undefined
}

/** Of what was asked for, the approval that covers it. */
export interface Reserved<A extends AskedDigest> {
  readonly approved: ApprovedDigest
  readonly asked: A
}

export class ActiveSad {
  #terms: SadTerms
  /** Approved and not yet reserved, by digest: the same one may have been approved several times. */
  readonly #left = new Map<string, ApprovedDigest[]>()
  #used = 0
  #version = 1
  #void = false
  readonly #granted = new Set<string>()
  #finished = 0
  #publicKey: KeyObject | undefined
  /** The key, under the master key that there was when it was approved, or under a later one. */
  kept: KeptKey

  constructor(terms: SadTerms, approved: readonly ApprovedDigest[], kept: KeptKey) {
    this.#terms = terms
    this.kept = kept
    for (const one of approved) {
      const key = digestKey(one)
      this.#left.set(key, [...(this.#left.get(key) ?? []), one])
    }
  }

  get terms(): SadTerms {
    return this.#terms
  }

  /** Another bearer value stands for it from now on, until then; what was used stays used. */
  extend(digest: Uint8Array, expiresAt: number): void {
    this.#terms = { ...this.#terms, digest, expiresAt }
    this.#version += 1
  }

  /** The credential's public key, parsed once for all uses. */
  get publicKey(): KeyObject {
    const { publicKey: spki } = this.terms.key
    this.#publicKey ??= createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    return this.#publicKey
  }

  get used(): number {
    return this.#used
  }

  /** How many signatures are left. */
  get remaining(): number {
    return this.#void ? 0 : this.terms.numSignatures - this.#used
  }

  /** Of the record that says how much is used. */
  get version(): number {
    return this.#version
  }

  /** How often this digest may still be signed, as what it was approved as. */
  left(asked: AskedDigest): number {
    return this.#left.get(digestKey(typedDigest(asked)))?.length ?? 0
  }

  /** Whether an activation of this id was ever begun. */
  isGranted(activationId: string): boolean {
    return this.#granted.has(activationId)
  }

  /** Takes these out, in order. The caller has checked that they are all there. */
  reserve<A extends AskedDigest>(activationId: string, asked: readonly A[]): readonly Reserved<A>[] {
    const reserved = asked.map(one => ({ approved: this.#take(one), asked: one }))
    this.#granted.add(activationId)
    this.#used += asked.length
    this.#version += 1
    return reserved
  }

  /** An activation came to its end, whichever. */
  finish(): void {
    this.#finished += 1
  }

  /** Nothing is left, and nothing is under way. */
  get isOver(): boolean {
    return this.remaining === 0 && this.#finished === this.#granted.size
  }

  /** No further use: what is on disk about it is no longer known. */
  void(): void {
    this.#void = true
  }

  #take(asked: AskedDigest): ApprovedDigest {
    const key = digestKey(typedDigest(asked))
    const left = this.#left.get(key)
    const taken = left?.pop()
    if (taken === undefined) throw new Error('reserved what was not checked')
    if (left?.length === 0) this.#left.delete(key)
    return taken
  }
}
