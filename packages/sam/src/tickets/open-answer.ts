/**
 * The first steps of judging an answer to a ticket, the same for every ceremony (sole-control 3 and 4).
 *
 * The bytes are hashed and compared with what was answered, before anything in them is read; then they are parsed
 * strictly; then the ticket in them must be ours, fresh and unspent. Nothing is believed yet: who signed the answer is
 * for `check-authenticator`.
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { Assertion, Ticket, TicketPurpose } from '@natsuin/protocol/approval'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import { Refusal } from '@natsuin/protocol/refusal'
import { readStrictJson, type Shape } from '@natsuin/protocol/shape'
import { suspendAuthenticator } from '../authenticators/suspend.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { type ParsedAssertion, parseAssertion } from '../webauthn/assertion.ts'
import { CopiedAuthenticator } from '../webauthn/counters.ts'

/** A statement as its purpose shapes it, and its ticket. */
export interface OpenedStatement<S, P extends TicketPurpose> {
  readonly statement: S
  readonly ticket: Extract<Ticket, { purpose: P }>
  /** SHA-256 of the statement's bytes. */
  readonly challenge: Uint8Array
}

export interface Answer<S, P extends TicketPurpose> extends OpenedStatement<S, P> {
  readonly assertion: ParsedAssertion
}

interface Ceremony<S, P extends TicketPurpose> {
  readonly purpose: P
  readonly shape: Shape<S>
}

/** An answer by an authenticator. @throws Refusal `malformed`, `challenge-mismatch` and those of `openStatement` */
export async function openAnswer<S extends { readonly ticket: string }, P extends TicketPurpose>(
  sam: Sam,
  { statement: bytes, assertion: raw }: ApprovedStatement,
  ceremony: Ceremony<S, P>,
): Promise<Answer<S, P>> {
  const challenge = digestSync('sha256', bytes)
  const assertion = answeredFor(raw, challenge)
  return { ...(await openStatement(sam, bytes, challenge, ceremony)), assertion }
}

/** To be called after the bytes were compared with what was answered. @throws Refusal those of `TicketOffice.open` @throws ShapeError */
export async function openStatement<S extends { readonly ticket: string }, P extends TicketPurpose>(
  sam: Sam,
  bytes: Uint8Array,
  challenge: Uint8Array,
  { purpose, shape }: Ceremony<S, P>,
): Promise<OpenedStatement<S, P>> {
  const statement = readStrictJson(bytes, shape)
  return { statement, ticket: await sam.tickets.open(statement.ticket, purpose), challenge }
}

/** An assertion whose browser says that it was asked for this. @throws Refusal `malformed`, `challenge-mismatch` */
export function answeredFor(raw: Assertion, challenge: Uint8Array): ParsedAssertion {
  const assertion = parseAssertion(raw)
  if (!equal(assertion.clientData.challenge, challenge)) throw refuse('challenge-mismatch')
  return assertion
}

/**
 * Judges an answer; a refusal counts against its ticket, which does not serve for guessing. When the answer shows that
 * there is a copy of the authenticator, that one answers nothing any more.
 */
export async function judging<T>(sam: Sam, tickets: readonly Ticket[], judge: () => Promise<T>): Promise<T> {
  try {
    return await judge()
  } catch (error) {
    if (error instanceof Refusal) for (const ticket of tickets) sam.tickets.fail(ticket)
    if (error instanceof CopiedAuthenticator) await suspendAuthenticator(sam, error.authenticatorId)
    throw error
  }
}
