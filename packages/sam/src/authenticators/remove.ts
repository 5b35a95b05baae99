/**
 * `authenticators/remove` — a signer gives one of his authenticators up (sole-control 6 and 9).
 *
 * Approved with any that he has, so one that was stolen can be removed with another. Sticky like a revocation: memory
 * refuses it before the commit, the leaf of the log is the removal, and the acknowledgement waits for the copy outside the
 * database. The signer's record is not written, so that one which was edited or put back decides nothing.
 */
import { type RemoveAuthenticatorStatement, removeAuthenticatorStatement } from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { remove } from '../audit/removals.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { SignerRecord } from '../store/record-shapes.ts'
import { type Answer, judging, openAnswer } from '../tickets/open-answer.ts'
import { checkAuthenticator, findAuthenticator } from '../webauthn/check-authenticator.ts'
import { activeAuthenticatorsOf, authenticatorsOf, type OwnedAuthenticator } from './of-signer.ts'
import { readSigner } from './read-signer.ts'

const CEREMONY = { purpose: 'remove-authenticator', shape: removeAuthenticatorStatement } as const

interface Removal {
  readonly answer: Answer<RemoveAuthenticatorStatement, 'remove-authenticator'>
  readonly signer: SignerRecord
  /** The one that approves. */
  readonly known: OwnedAuthenticator
}

/** @throws Refusal those of tickets and assertions, `signer-unknown`, `authenticator-unknown`, `authenticator-last` */
export async function removeAuthenticator(
  sam: Sam,
  request: SapRequest<'authenticators/remove'>,
): Promise<SapResponse<'authenticators/remove'>> {
  const answer = await openAnswer(sam, request, CEREMONY)
  const tickets = [answer.ticket]
  const removal = await judging(sam, tickets, () => load(sam, answer))
  const { removed } = await judging(sam, tickets, async () => accept(sam, removal))
  await removed
  return {}
}

async function load(sam: Sam, answer: Removal['answer']): Promise<Removal> {
  const { content: signer } = await readSigner(sam, answer.ticket.signer.id)
  const known = findAuthenticator(authenticatorsOf(sam, signer), answer.assertion)
  await sam.counters.load(known)
  return { answer, signer, known }
}

/** Every check in one turn; in the same turn the authenticator stops being one. */
function accept(sam: Sam, { answer, signer, known }: Removal) {
  const { ticket, assertion, challenge: statementDigest } = answer
  checkAuthenticator(sam, known, { ...answer, level: signer.level })
  const { id } = ticket.authenticator
  if (!authenticatorsOf(sam, signer).some(one => one.id === id)) throw refuse('authenticator-unknown')
  // A signer without any could not even remove a stolen one: that is what recovery is for.
  if (!activeAuthenticatorsOf(sam, signer).some(one => one.id !== id)) throw refuse('authenticator-last')
  const at = sam.time.milliseconds()
  const nonce = sam.tickets.spend(ticket)
  const { counter } = assertion.authenticatorData
  const taken = sam.counters.advance(known.credentialId, counter, sam.time.seconds())
  const named = { signerId: ticket.signer.id, authenticatorId: id, statementDigest, approvedBy: known.id }
  const removed = remove(sam, {
    refuseInMemory: () => sam.state.removeAuthenticator(id, at),
    isLogged: () => sam.state.isRemovalLogged(id),
    leaf: () => ({ event: 'authenticator-removed', at, ...named }),
    records: () => taken,
    nonces: [nonce],
    failpoint: 'authenticator-removed',
  })
  removed.catch(() => sam.counters.forget(known.credentialId))
  return { removed }
}
