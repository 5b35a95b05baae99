/**
 * Keys set aside because the module signs wrongly with them (threats T-P11-09). No faulty value is released whatever
 * happens here; but each one that is made is another chance for whoever can read what the module returns, and a module
 * that is broken for one key should not go on trying. In memory: a restart, by somebody who has looked, gives them back.
 */

/** One may be a ray from the sky. */
const FAULTS = 3

export class Quarantine {
  readonly #faults = new Map<string, number>()

  /** Returns whether the key is set aside with this fault. */
  fault(credentialId: string): boolean {
    const faults = (this.#faults.get(credentialId) ?? 0) + 1
    this.#faults.set(credentialId, faults)
    return faults === FAULTS
  }

  holds(credentialId: string): boolean {
    return (this.#faults.get(credentialId) ?? 0) >= FAULTS
  }
}
