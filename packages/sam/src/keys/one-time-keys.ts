/**
 * Keys that live for one session: made for one person who was just identified, for one approval, and gone after it (TS
 * 119 431-1, GEN-6.2.1-09, SIG-6.3.1-13 and DEL-6.3.2-05).
 *
 * Even wrapped, such a key is in the memory of the one process that made it and nowhere else. So nothing has to be erased
 * after a crash: the key is gone with the process, and what is left to do is to say so.
 */
import type { Level } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'
import type { KeptKey } from '../store/record-shapes.ts'

interface OneTimeKey {
  readonly key: KeptKey
  /** Seconds since 1970-01-01T00:00:00Z; from then on the session is over. */
  readonly endsAt: number
  /** Whether the one approval was given. */
  isTaken: boolean
}

/** How long after the identification a session may last: SIG-6.3.1-14, and SIG-A.5-09 for level 3. */
const SESSION_SECONDS: Readonly<Record<Level, number>> = { 1: 7200, 2: 7200, 3: 1800 }
export const LONGEST_SESSION_SECONDS = Math.max(...Object.values(SESSION_SECONDS))

/** @param identifiedAt seconds, when the person's identity was proven */
export const sessionEnd = (identifiedAt: number, level: Level): number =>
  identifiedAt + SESSION_SECONDS[level]

export class OneTimeKeys {
  readonly #keys = new Map<string, OneTimeKey>()

  add(credentialId: string, { master, wrapped }: KeptKey, endsAt: number): void {
    const key = { master, wrapped: new Uint8Array(wrapped) }
    this.#keys.set(credentialId, { key, endsAt, isTaken: false })
  }

  /** That an approval may still be given. @throws Refusal `session-ended` */
  checkFree(credentialId: string, now: number): void {
    this.checkOpen(credentialId, now)
    if (this.#keys.get(credentialId)?.isTaken !== false) throw refuse('session-ended')
  }

  /** That the key may still sign. @throws Refusal `session-ended` */
  checkOpen(credentialId: string, now: number): void {
    const key = this.#keys.get(credentialId)
    if (key === undefined || now >= key.endsAt) throw refuse('session-ended')
  }

  /** For the one approval, in the turn in which it was checked. @throws Refusal `session-ended` */
  take(credentialId: string): KeptKey {
    const held = this.#keys.get(credentialId)
    if (held === undefined || held.isTaken) throw refuse('session-ended')
    held.isTaken = true
    return held.key
  }

  /** The key is gone. A signature that is being made with it was begun before. */
  forget(credentialId: string): void {
    this.#keys.get(credentialId)?.key.wrapped.fill(0)
    this.#keys.delete(credentialId)
  }

  /** Whose session is over. */
  overdue(now: number): readonly string[] {
    return [...this.#keys].filter(([, { endsAt }]) => now >= endsAt).map(([credentialId]) => credentialId)
  }

  all(): readonly string[] {
    return [...this.#keys.keys()]
  }
}
