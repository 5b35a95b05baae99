/**
 * `administer` — somebody of the roster approves a request; with the last approval that it needs, it takes effect
 * (sole-control 8).
 *
 * The approval is over the exact request: the ticket names it by digest, the statement carries it whole. It counts once
 * for each person, from the turn in which it was checked, and takes effect only from disk.
 */
import { equal, toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type AdministerStatement, administerStatement, requestBytes } from '@natsuin/protocol/administration'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { type Answer, judging, openAnswer } from '../tickets/open-answer.ts'
import {
  checkAuthenticator,
  findAuthenticator,
  type KnownAuthenticator,
} from '../webauthn/check-authenticator.ts'
import { rulesOf } from './acts.ts'
import { ApprovedAct } from './approved-act.ts'
import { checkApprover } from './check-approver.ts'
import type { Proposal } from './proposals.ts'

type AdministerAnswer = Answer<AdministerStatement, 'administer'>

/**
 * @throws Refusal those of tickets and assertions, `request-differs`, `request-unknown` and those of `checkApprover`;
 *   with the last approval, those of the act
 */
export async function administer(
  sam: Sam,
  given: SapRequest<'administer'>,
): Promise<SapResponse<'administer'>> {
  const answer = await openAnswer(sam, given, { purpose: 'administer', shape: administerStatement })
  const proposal = sam.proposals.need(toBase64url(answer.ticket.requestDigest))
  const { ticket } = answer
  const passkey = await judging(sam, [ticket], () => loadPasskey(sam, proposal, answer))
  const recorded = await judging(sam, [ticket], async () => accept(sam, given, { proposal, answer, passkey }))
  await recorded.written
  await sam.failpoint('request-approved')
  const approvals = proposal.recorded(ticket.person.id)
  if (approvals !== undefined) await perform(sam, proposal, approvals)
  const { needed, approvers, outcome } = proposal
  return { approvals: approvers.length, needed, done: outcome.state === 'done' }
}

/** @throws Refusal `authenticator-unknown` and those of `checkApprover` */
async function loadPasskey(
  sam: Sam,
  proposal: Proposal,
  { ticket, assertion }: AdministerAnswer,
): Promise<KnownAuthenticator> {
  const { passkeys } = checkApprover(sam, proposal, ticket.person.id)
  const known = passkeys.map(passkey => ({ ...passkey, counter: 0 }))
  const passkey = findAuthenticator(known, assertion)
  await sam.counters.load(passkey)
  return passkey
}

interface Approving {
  readonly proposal: Proposal
  readonly answer: AdministerAnswer
  readonly passkey: KnownAuthenticator
}

/** Every check, then the ticket is spent and the approval counts, in the same turn. */
function accept(sam: Sam, given: ApprovedStatement, { proposal, answer, passkey }: Approving) {
  const { ticket, statement, challenge } = answer
  const personId = ticket.person.id
  checkApprover(sam, proposal, personId)
  const digest = digestSync('sha256', requestBytes(statement.request))
  if (!equal(digest, ticket.requestDigest)) throw refuse('request-differs')
  checkPasskey(sam, passkey, answer)
  const nonce = sam.tickets.spend(ticket)
  let counters = advance(sam, passkey, answer)
  proposal.approve(personId, given)
  const written = sam.logs.activity.append({
    leaves: [
      {
        event: 'request-approved',
        at: sam.time.milliseconds(),
        stateSize: sam.logs.state.size,
        requestDigest: ticket.requestDigest,
        personId,
        statementDigest: challenge,
      },
    ],
    records: () => counters,
    nonces: [nonce],
    // He may have answered at another SAM.
    reread: async () => {
      sam.counters.forget(passkey.credentialId)
      await sam.counters.load(passkey)
      checkPasskey(sam, passkey, answer)
      counters = advance(sam, passkey, answer)
    },
  })
  written.catch(() => {
    sam.counters.forget(passkey.credentialId)
    proposal.forget(personId)
  })
  // In an object, because an async function would wait for a promise that it returns.
  return { written }
}

function checkPasskey(sam: Sam, passkey: KnownAuthenticator, answer: AdministerAnswer): void {
  checkAuthenticator(sam, passkey, { ...answer, level: sam.roster.maxLevel })
}

function advance({ counters, time }: Sam, passkey: KnownAuthenticator, { assertion }: AdministerAnswer) {
  return counters.advance(passkey.credentialId, assertion.authenticatorData.counter, time.seconds())
}

/** @throws what the act throws; then it is over all the same, and has to be proposed again */
async function perform(sam: Sam, proposal: Proposal, approvals: readonly ApprovedStatement[]): Promise<void> {
  const { act } = proposal.request
  try {
    await rulesOf(act).perform(sam, new ApprovedAct({ act, requestDigest: proposal.digest, approvals }))
    proposal.close()
  } catch (error) {
    proposal.close(error instanceof Refusal ? error.code : 'fault')
    throw error
  }
}
