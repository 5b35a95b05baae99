/**
 * Signature counters: WebAuthn Level 3, 6.1.1 and 7.2. One that does not grow shows a copied authenticator.
 *
 * Memory is the authority while the SAM runs, so that neither parallel answers nor a database that was put back
 * make a counter go back. Authenticators that do not count send zero for ever and cost nothing.
 */
import { toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { refuse } from '../refuse.ts'
import type { SealedRecords } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'

interface Counter {
  value: number
  /** Of the record; 0 before the first. */
  version: number
}

/** The name under which records know an authenticator. */
export const authenticatorId = (credentialId: Uint8Array) => toBase64url(digestSync('sha256', credentialId))

export class Counters {
  readonly #records: SealedRecords
  readonly #known = new Map<string, Counter>()

  constructor(records: SealedRecords) {
    this.#records = records
  }

  /** Makes the counter of this authenticator known, before the turn in which its answer is judged. */
  async load(authenticator: { readonly credentialId: Uint8Array; readonly counter: number }): Promise<void> {
    const id = authenticatorId(authenticator.credentialId)
    if (this.#known.has(id)) return
    const stored = await this.#records.read('counter', id)
    // Another answer may have loaded it meanwhile, and counted on.
    if (this.#known.has(id)) return
    const value = stored?.content.value ?? authenticator.counter
    this.#known.set(id, { value, version: stored?.version ?? 0 })
  }

  /** @throws Refusal `counter-regression` */
  check(credentialId: Uint8Array, claimed: number): void {
    const { value } = this.#need(credentialId)
    if ((claimed > 0 || value > 0) && claimed <= value) throw refuse('counter-regression')
  }

  /** Takes over a checked value, and gives the records to write. */
  advance(credentialId: Uint8Array, value: number): readonly StoredRecord[] {
    if (value === 0) return []
    const counter = this.#need(credentialId)
    counter.value = value
    counter.version += 1
    return [this.#records.seal('counter', authenticatorId(credentialId), counter.version, { value })]
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
