/** The SADs that this process accepted, by the digest of their bearer value. Expired ones are kept a while, to say so. */
import { toBase64url } from '@natsuin/pki/encoding'
import type { ActiveSad } from './active-sad.ts'

/** Seconds after expiry for which an expired SAD is still known as such. */
const REMEMBER_SECONDS = 60

export class SadBook {
  /** Oldest first. */
  readonly #sads = new Map<string, ActiveSad>()

  add(sad: ActiveSad, now: number): void {
    this.#forgetExpired(now)
    this.#sads.set(toBase64url(sad.terms.digest), sad)
  }

  /** @param digest SHA-256 of the bearer value */
  find(digest: Uint8Array): ActiveSad | undefined {
    return this.#sads.get(toBase64url(digest))
  }

  /** Its bearer value stands for nothing any more. */
  remove({ terms }: ActiveSad): void {
    this.#sads.delete(toBase64url(terms.digest))
  }

  #forgetExpired(now: number): void {
    for (const [key, { terms }] of this.#sads) {
      if (now < terms.expiresAt + REMEMBER_SECONDS) return
      this.#sads.delete(key)
    }
  }
}
