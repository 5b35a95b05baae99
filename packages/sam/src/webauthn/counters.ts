/**
 * Signature counters: WebAuthn Level 3, 6.1.1 and 7.2. One that does not grow shows a copied authenticator.
 *
 * Shows it for certain only when the answer must be younger than the newest one that was accepted: whoever carries the
 * answers may hold one back and deliver it late, and that must not cost anybody his authenticator.
 *
 * Memory is the authority while the SAM runs, so that neither parallel answers nor a database that was put back
 * make a counter go back. Authenticators that do not count send zero for ever and cost nothing.
 */
import { toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { SealedRecords } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'

interface Counter {
  value: number
  /** When it was taken over, in seconds by the SAM's clock. */
  at: number
  /** Of the record; 0 before the first. */
  version: number
}

/** The name under which records know an authenticator. */
export const authenticatorId = (credentialId: Uint8Array) => toBase64url(digestSync('sha256', credentialId))

/** Refused, and by an authenticator of which there is a copy. */
export class CopiedAuthenticator extends Refusal<SapRefusal> {
  readonly authenticatorId: string

  constructor(authenticatorId: string) {
    super('counter-regression', { authenticatorId })
    this.authenticatorId = authenticatorId
  }
}

/** What is known of a counter before the first answer. */
interface FirstCounter {
  readonly credentialId: Uint8Array
  readonly counter: number
  /** Seconds; absent where that was not recorded. */
  readonly registeredAt?: number
}

export class Counters {
  readonly #records: SealedRecords
  readonly #known = new Map<string, Counter>()

  constructor(records: SealedRecords) {
    this.#records = records
  }

  /** Makes the counter of this authenticator known, before the turn in which its answer is judged. */
  async load(authenticator: FirstCounter): Promise<void> {
    const id = authenticatorId(authenticator.credentialId)
    if (this.#known.has(id)) return
    const stored = await this.#records.read('counter', id)
    // Another answer may have loaded it meanwhile, and counted on.
    if (this.#known.has(id)) return
    const { counter, registeredAt = 0 } = authenticator
    const { value, at } = stored?.content ?? { value: counter, at: registeredAt }
    this.#known.set(id, { value, at, version: stored?.version ?? 0 })
  }

  /**
   * @param askedAt seconds: the answer cannot have been given before
   * @throws Refusal `counter-regression`; CopiedAuthenticator when nothing else explains it
   */
  check(credentialId: Uint8Array, claimed: number, askedAt: number): void {
    const { value, at } = this.#need(credentialId)
    if (claimed > value || (claimed === 0 && value === 0)) return
    if (askedAt > at) throw new CopiedAuthenticator(authenticatorId(credentialId))
    throw refuse('counter-regression')
  }

  /** Takes over a checked value, and gives the records to write. @param now seconds */
  advance(credentialId: Uint8Array, value: number, now: number): readonly StoredRecord[] {
    if (value === 0) return []
    const counter = this.#need(credentialId)
    counter.value = value
    counter.at = now
    counter.version += 1
    return [this.#records.seal('counter', authenticatorId(credentialId), counter.version, { value, at: now })]
  }

  /** After a write that did not happen: what is on disk decides again. */
  forget(credentialId: Uint8Array): void {
    this.#known.delete(authenticatorId(credentialId))
  }

  #need(credentialId: Uint8Array): Counter {
    const counter = this.#known.get(authenticatorId(credentialId))
    if (counter === undefined) throw new Error('the counter was not loaded')
    return counter
  }
}
