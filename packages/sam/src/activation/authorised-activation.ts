/**
 * Permission to sign these representations with this key, once.
 *
 * Exists only after every SAD check has passed and the uses were taken out of the SAD, and is spent by `redeem`:
 * the function that asks the crypto module takes one of these and needs no checks of its own (EN 419 241-2, SAM-08).
 */
import type { WrappedKey } from '@natsuin/crypto-module'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { refuse } from '../refuse.ts'
import type { ActiveSad } from '../sad/active-sad.ts'
import type { VerifiedUse } from '../sad/checks.ts'
import { type Representation, represent } from './representation.ts'

/** What the module is asked. */
export interface KeyUse {
  readonly key: WrappedKey
  /** Label of the master key that it is under. */
  readonly master: string
  readonly algorithm: SignatureAlgorithm
  readonly representations: readonly Representation[]
}

export class AuthorisedActivation {
  readonly activationId: string
  readonly sad: ActiveSad
  readonly representations: readonly Representation[]
  readonly algorithm: SignatureAlgorithm
  #spent = false

  private constructor(activationId: string, { facts }: VerifiedUse) {
    const { sam, sad, request } = facts
    this.activationId = activationId
    this.sad = sad
    this.algorithm = request.signatureAlgorithm
    const { certificate } = sad.terms.key
    const signing = {
      algorithm: request.signatureAlgorithm,
      certificateDigest: certificate.digest,
      atSeconds: sam.time.seconds(),
    }
    this.representations = sad
      .reserve(activationId, request.dtbsrs)
      .map(({ approved, asked }) => represent(approved, asked, signing))
  }

  /** Reserves the uses. In the turn in which the use was verified: nothing may come between. */
  static grant(activationId: string, use: VerifiedUse): AuthorisedActivation {
    return new AuthorisedActivation(activationId, use)
  }

  /** Hands out what to sign with what. @throws Refusal `sad-spent` the second time */
  redeem(): KeyUse {
    if (this.#spent) throw refuse('sad-spent')
    this.#spent = true
    const { terms, kept } = this.sad
    const key = { type: terms.key.keyType, wrapped: kept.wrapped }
    const { algorithm, representations } = this
    return { key, master: kept.master, algorithm, representations }
  }
}
