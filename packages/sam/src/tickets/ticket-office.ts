/**
 * Issues tickets, and takes back those it issued itself (sole-control 3).
 *
 * A ticket is believed when the SAM key signed it, this process issued it, and it is unspent and fresh by the SAM's
 * clock. Spending is a separate step, done in the turn in which the answer to it was accepted.
 */

import { randomBytes } from 'node:crypto'
import { toBase64url } from '@natsuin/pki/encoding'
import { type Ticket, type TicketPurpose, ticket } from '@natsuin/protocol/approval'
import type { Level } from '@natsuin/protocol/genesis'
import { ShapeError } from '@natsuin/protocol/shape'
import type { SamKey } from '../keys/sam-key.ts'
import { refuse } from '../refuse.ts'
import type { SpentNonce } from '../store/store.ts'
import type { SamTime } from '../time/sam-time.ts'
import type { TicketBook } from './ticket-book.ts'

export interface SamIdentity {
  readonly deployment: string
  readonly instance: string
  readonly bootId: string
}

type TicketOf<P extends TicketPurpose> = Extract<Ticket, { purpose: P }>

/** What only the ceremony knows; the office adds the rest. */
type Particulars<T extends Ticket> = Omit<T, 'v' | 'nonce' | keyof SamIdentity | 'issuedAt' | 'expiresAt'>

export class TicketOffice {
  readonly #identity: SamIdentity
  readonly #key: SamKey
  readonly #time: SamTime
  readonly #book: TicketBook

  constructor(identity: SamIdentity, key: SamKey, time: SamTime, book: TicketBook) {
    this.#identity = identity
    this.#key = key
    this.#time = time
    this.#book = book
  }

  /** How many tickets are in memory, open or spent. */
  get kept(): number {
    return this.#book.size
  }

  /** A compact JWS. @throws Refusal `time-untrusted` */
  async issue<T extends Ticket>(lifetimeSeconds: number, particulars: Particulars<T>): Promise<string> {
    this.#time.checkTrusted(particulars.level as Level)
    const issuedAt = this.#time.seconds()
    const expiresAt = issuedAt + lifetimeSeconds
    const nonce = new Uint8Array(randomBytes(NONCE_BYTES))
    const payload = { v: 1, ...particulars, nonce, ...this.#identity, issuedAt, expiresAt }
    const jws = await this.#key.sign('natsuin-ticket', payload)
    this.#book.issue(toBase64url(nonce), expiresAt, issuedAt)
    return jws
  }

  /**
   * The ticket, if it may still be spent here.
   * @throws Refusal `ticket-invalid`, `ticket-purpose`, `ticket-foreign`, `ticket-expired`, `ticket-spent`, `time-untrusted`
   */
  async open<P extends TicketPurpose>(jws: string, purpose: P): Promise<TicketOf<P>> {
    const opened = await this.genuine(jws, purpose)
    if (!this.#isOurs(opened)) throw refuse('ticket-foreign')
    this.#time.checkTrusted(opened.level)
    this.#book.checkOpen(toBase64url(opened.nonce), opened.expiresAt, this.#time.seconds())
    return opened
  }

  /** A ticket that the SAM key signed, however old. @throws Refusal `ticket-invalid`, `ticket-purpose` */
  async genuine<P extends TicketPurpose>(jws: string, purpose: P): Promise<TicketOf<P>> {
    const read = await this.#read(jws)
    if (read === undefined) throw refuse('ticket-invalid')
    if (read.purpose !== purpose) throw refuse('ticket-purpose')
    // The purpose tells the variants apart, and it is the one that was asked for.
    return read as TicketOf<P>
  }

  /** Spends it in memory, and gives the row that says so on disk. @throws Refusal `ticket-spent`, `ticket-invalid` */
  spend({ nonce, expiresAt }: Ticket): SpentNonce {
    this.#book.spend(toBase64url(nonce))
    return { nonce, expiresAt }
  }

  /** Spends them all, or none of them. @throws Refusal `ticket-spent`, `ticket-invalid`, `ticket-expired` */
  spendAll(tickets: readonly Ticket[]): readonly SpentNonce[] {
    const now = this.#time.seconds()
    for (const { nonce, expiresAt } of tickets) this.#book.checkOpen(toBase64url(nonce), expiresAt, now)
    return tickets.map(ticket => this.spend(ticket))
  }

  /** Counts an answer to this ticket that was refused. */
  fail({ nonce }: Ticket): void {
    this.#book.fail(toBase64url(nonce))
  }

  async #read(jws: string): Promise<Ticket | undefined> {
    try {
      return await this.#key.verify(jws, 'natsuin-ticket', ticket)
    } catch (error) {
      if (error instanceof ShapeError) return undefined
      throw error
    }
  }

  #isOurs({ deployment, instance, bootId }: Ticket): boolean {
    const ours = this.#identity
    return deployment === ours.deployment && instance === ours.instance && bootId === ours.bootId
  }
}

const NONCE_BYTES = 32
