/**
 * The nonces of tickets that this process issued, in memory until they expire (sole-control 3).
 *
 * Memory decides what is spendable; a row in the database is written as well, but whoever writes to the database
 * cannot make a nonce unspent, and a restart makes every open ticket void. The book is bounded: when it is full,
 * the oldest open tickets are forgotten and refused, which costs their holders a new ticket.
 */
import { refuse } from '../refuse.ts'

interface Entry {
  state: 'open' | 'spent'
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number
  /** Answers that did not verify. */
  failures: number
}

export interface TicketLimits {
  readonly maxTickets: number
  /** Answers that may fail before the ticket counts as spent. */
  readonly maxFailures: number
}

export class TicketBook {
  readonly #limits: TicketLimits
  /** By nonce in base64url, oldest first. */
  readonly #entries = new Map<string, Entry>()

  constructor(limits: TicketLimits) {
    this.#limits = limits
  }

  /** How many there are, open or spent. */
  get size(): number {
    return this.#entries.size
  }

  issue(nonce: string, expiresAt: number, now: number): void {
    this.#forgetOldest(now)
    this.#entries.set(nonce, { state: 'open', expiresAt, failures: 0 })
  }

  /** @throws Refusal `ticket-expired`, `ticket-spent`, `ticket-invalid` */
  checkOpen(nonce: string, expiresAt: number, now: number): void {
    if (now >= expiresAt) throw refuse('ticket-expired')
    const entry = this.#entries.get(nonce)
    if (entry === undefined) throw refuse('ticket-invalid')
    if (entry.state === 'spent') throw refuse('ticket-spent')
  }

  /** Spends it for good. @throws Refusal `ticket-spent`, `ticket-invalid` */
  spend(nonce: string): void {
    const entry = this.#entries.get(nonce)
    if (entry === undefined) throw refuse('ticket-invalid')
    if (entry.state === 'spent') throw refuse('ticket-spent')
    entry.state = 'spent'
  }

  /** Counts an answer that was refused; a ticket does not serve for guessing. */
  fail(nonce: string): void {
    const entry = this.#entries.get(nonce)
    if (entry === undefined) return
    entry.failures += 1
    if (entry.failures >= this.#limits.maxFailures) entry.state = 'spent'
  }

  #forgetOldest(now: number): void {
    for (const [nonce, { expiresAt }] of this.#entries) {
      if (now < expiresAt && this.#entries.size < this.#limits.maxTickets) return
      this.#entries.delete(nonce)
    }
  }
}
