/**
 * When a signature says that it was made: now; and for a request that is repeated under its `Idempotency-Key` when it was
 * made first. What is signed is the same then, and the SAM gives what it signed instead of refusing another request.
 */
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { ActivationRecord } from '../storage/activations.ts'
import type { SigningTimeRepository } from '../storage/signing-times.ts'

export interface Repeatable {
  readonly activation: Pick<ActivationRecord, 'grant_digest' | 'expires_at'>
  readonly clientId: string
  /** Empty: every request is a new one. */
  readonly idempotencyKey: string
}

export interface SigningTimes {
  of(request: Repeatable): Promise<Date>
}

export function createSigningTimes(times: SigningTimeRepository, clock: Clock): SigningTimes {
  return {
    async of({ activation, clientId, idempotencyKey }) {
      const now = epochSeconds(clock())
      if (idempotencyKey === '') return new Date(now * 1000)
      const key = bearerDigest(JSON.stringify([activation.grant_digest, clientId, idempotencyKey]))
      return new Date((await times.first(key, now, activation.expires_at)) * 1000)
    },
  }
}
