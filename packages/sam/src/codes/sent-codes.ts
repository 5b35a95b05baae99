/**
 * Codes that were made to be sent, each for one ticket to approve (threats T-OTP-05, T-OTP-07).
 *
 * They live in the memory of the process that issued the ticket, which is also the only one that takes it: until it
 * expires, and no longer than the process. What is kept is a digest. How many are made for a signer is limited, so that nobody
 * fills his mailbox, nor gets more to guess at.
 */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { concat, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { ApproveTicket } from '@natsuin/protocol/approval'
import { refuse } from '../refuse.ts'

const DIGITS = 6
const MAX_CODES = 3
const WINDOW_SECONDS = 600
/** Codes, and signers; beyond it the oldest are forgotten. */
const MAX_KEPT = 100_000

type OfTicket = Pick<ApproveTicket, 'nonce' | 'expiresAt'>

interface Kept {
  readonly digest: Uint8Array
  /** Seconds. */
  readonly expiresAt: number
}

export class SentCodes {
  /** By nonce, oldest first. */
  readonly #codes = new Map<string, Kept>()
  /** When they were made, in seconds, by signer; the one whose newest is oldest comes first. */
  readonly #made = new Map<string, readonly number[]>()

  /** Counts one that is about to be made. @param now seconds @throws Refusal `codes-too-many` */
  count(signerId: string, now: number): void {
    const recent = (this.#made.get(signerId) ?? []).filter(at => at > now - WINDOW_SECONDS)
    if (recent.length >= MAX_CODES) throw refuse('codes-too-many')
    this.#made.delete(signerId)
    this.#made.set(signerId, [...recent, now])
    forgetOldest(this.#made, times => (times.at(-1) ?? 0) <= now - WINDOW_SECONDS)
  }

  /** The code of this ticket. @param now seconds */
  make(ticket: OfTicket, now: number): string {
    const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0')
    this.#codes.set(toBase64url(ticket.nonce), {
      digest: digestOf(ticket, code),
      expiresAt: ticket.expiresAt,
    })
    forgetOldest(this.#codes, ({ expiresAt }) => expiresAt <= now)
    return code
  }

  /** In constant time, also where there is none. */
  isCodeOf(ticket: OfTicket, code: string): boolean {
    const kept = this.#codes.get(toBase64url(ticket.nonce))
    return timingSafeEqual(kept?.digest ?? NOBODYS, digestOf(ticket, code))
  }
}

const NOBODYS = new Uint8Array(randomBytes(32))

const digestOf = ({ nonce }: OfTicket, code: string) => digestSync('sha256', concat(nonce, utf8(code)))

/** Those in front that are over, and as many more as there are too many. */
function forgetOldest<T>(kept: Map<string, T>, isOver: (value: T) => boolean): void {
  for (const [key, value] of kept) {
    if (!isOver(value) && kept.size <= MAX_KEPT) return
    kept.delete(key)
  }
}
