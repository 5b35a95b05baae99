/**
 * `propose` — puts an administrative request before those who may approve it (sole-control 8).
 *
 * The SAM writes the request itself: it names the roster in force, until when it may be approved, and a nonce, so that
 * nobody chooses them. What could not take effect is not proposed.
 */
import { randomBytes } from 'node:crypto'
import type {
  AdministrationRequest,
  AdministrationResponse,
  Proposal as ToldProposal,
} from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import { checkStoredRoster } from '../roster/check-stored.ts'
import type { Sam } from '../sam.ts'
import { rulesOf } from './acts.ts'
import { approversOf } from './check-approver.ts'
import { Proposal } from './proposals.ts'

type Request = AdministrationRequest<'propose'>

const HOUR_MINUTES = 60

/** @throws Refusal `record-altered` */
export async function propose(sam: Sam, given: Request): Promise<AdministrationResponse<'propose'>> {
  await checkStoredRoster(sam)
  const problems = [...(await rulesOf(given.act).problems(sam, given.act)), ...problemsOfTime(sam, given)]
  if (problems.length > 0) return { problems }
  const proposal = proposalOf(sam, given)
  const approvers = approversOf(sam, proposal)
  if (approvers.length < proposal.needed) return { problems: [tooFew(approvers.length, proposal.needed)] }
  sam.proposals.add(proposal, sam.time.seconds())
  return { proposal: tell(sam, proposal), problems: [] }
}

function proposalOf(sam: Sam, { act, reason, minutes }: Request): Proposal {
  const { roster, rosters, time } = sam
  const request = {
    v: 1,
    deployment: roster.deployment,
    roster: { version: roster.version, digest: rosters.digest },
    act,
    reason,
    nonce: new Uint8Array(randomBytes(16)),
    notAfter: time.seconds() + minutes * 60,
  } as const
  return new Proposal(request, rulesOf(act).needed(roster))
}

function problemsOfTime({ roster }: Sam, { minutes }: Request): string[] {
  const { requestHours } = roster.limits
  return minutes <= requestHours * HOUR_MINUTES
    ? []
    : [`minutes: requests wait for ${requestHours} hours at most`]
}

const tooFew = (may: number, must: number) =>
  `approvals: ${must} people have to approve this, and only ${may} may; nobody approves what is about himself`

/** What the administrative channel is told of a proposal. */
export function tell(sam: Sam, proposal: Proposal): ToldProposal {
  const { id, request, needed, approvers } = proposal
  const { state, failure } = proposal.outcome
  return {
    requestId: id,
    request,
    needed,
    approvers: approversOf(sam, proposal).map(person => ({ id: person.id, name: person.name })),
    approvals: approvers,
    state,
    ...(failure !== undefined && { failure }),
  }
}

/** @throws Refusal `request-unknown` */
export async function readProposal(
  sam: Sam,
  { requestId }: AdministrationRequest<'proposals/read'>,
): Promise<AdministrationResponse<'proposals/read'>> {
  return { proposal: tell(sam, sam.proposals.need(requestId)) }
}

export async function listProposals(sam: Sam): Promise<AdministrationResponse<'proposals/list'>> {
  return { proposals: sam.proposals.list().map(proposal => tell(sam, proposal)) }
}

/** Nothing that it asked for takes effect. @throws Refusal `request-unknown`, `request-closed` */
export async function withdrawProposal(
  sam: Sam,
  { requestId }: AdministrationRequest<'proposals/withdraw'>,
): Promise<AdministrationResponse<'proposals/withdraw'>> {
  if (sam.proposals.need(requestId).outcome.state !== 'open') throw refuse('request-closed')
  sam.proposals.withdraw(requestId)
  return {}
}
