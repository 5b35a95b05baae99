/**
 * One amendment: as many people of the roster before as had to, each with a passkey of his own, approved exactly this,
 * and the log holds what came of it (sole-control 8).
 */
import { equal, toBase64url } from '@natsuin/pki/encoding'
import {
  type AdministerStatement,
  administerStatement,
  type Change,
  requestBytes,
} from '@natsuin/protocol/administration'
import { administerTicket } from '@natsuin/protocol/approval'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import type { Person, Roster } from '@natsuin/protocol/genesis'
import type { Leaf } from '@natsuin/protocol/log'
import { passkeyOf } from '../checks/person.ts'
import { readStatement, readTicket } from '../checks/statement.ts'
import type { Sam } from '../sam.ts'
import { demand, demanded } from '../verdict.ts'
import { checkAssertion } from '../webauthn/assertion.ts'
import { digestOfRoster } from './founded.ts'
import { replay } from './replay.ts'
import { mayApprove, peopleIn } from './roles.ts'

type Request = AdministerStatement['request']

/** The roster that it led to. @param before with the roster that it starts from */
export async function checkAmendment(
  approvals: readonly ApprovedStatement[],
  leaf: Extract<Leaf, { event: 'roster-amended' }>,
  before: Sam,
): Promise<Roster> {
  const request = await checkApprovals(approvals, leaf, before)
  await checkBase(request, before)
  const roster = await replay(changesOf(request), before)
  const digest = await digestOfRoster(roster, before.platform)
  const same = roster.version === leaf.version && equal(digest, leaf.rosterDigest)
  demand(same, 'amendment-invalid', 'the log records another roster')
  return roster
}

async function checkApprovals(
  approvals: readonly ApprovedStatement[],
  leaf: Extract<Leaf, { event: 'roster-amended' }>,
  before: Sam,
): Promise<Request> {
  const checked = await Promise.all(approvals.map((one, i) => checkOne(one, leaf.approvals[i], before)))
  const first = demanded(checked[0], 'amendment-invalid', 'nobody approved it').request
  const same = checked.every(({ request }) => equal(requestBytes(request), requestBytes(first)))
  demand(same, 'amendment-invalid', 'people approved different requests')
  const people = new Set(checked.map(({ person }) => person.id))
  const enough = people.size === approvals.length && people.size >= before.roster.quorum
  demand(enough, 'amendment-invalid', `${people.size} people approved it`)
  return first
}

async function checkOne(
  approval: ApprovedStatement,
  recorded: Uint8Array | undefined,
  before: Sam,
): Promise<{ readonly person: Person; readonly request: Request }> {
  const { platform } = before
  const { ticket: jws, request } = readStatement(approval.statement, administerStatement)
  const ticket = await readTicket(jws, administerTicket, before)
  const named = equal(await platform.digest('sha256', requestBytes(request)), ticket.requestDigest)
  demand(named, 'amendment-invalid', 'the ticket is for another request')
  const person = approverOf(ticket.person.id, changesOf(request), before.roster)
  await checkAssertion(approval, passkeyOf(person, approval.assertion), before)
  const digest = await platform.digest('sha256', approval.statement)
  const same = recorded !== undefined && equal(digest, recorded)
  demand(same, 'amendment-invalid', 'the log records another approval')
  return { person, request }
}

function approverOf(id: string, changes: readonly Change[], { people }: Roster): Person {
  const person = people.find(one => one.id === id)
  const known = demanded(person, 'amendment-invalid', `${id} was not in the roster`)
  demand(mayApprove(known, changes), 'amendment-invalid', `${id} has no role in which he may approve this`)
  demand(!peopleIn(changes).includes(id), 'amendment-invalid', `${id} approved what is about himself`)
  return known
}

async function checkBase({ roster: base, deployment }: Request, { roster, platform }: Sam): Promise<void> {
  const digest = await digestOfRoster(roster, platform)
  const same =
    base.version === roster.version && equal(base.digest, digest) && deployment === roster.deployment
  demand(same, 'amendment-invalid', `it starts from another roster than ${toBase64url(digest)}`)
}

function changesOf({ act }: Request): readonly Change[] {
  demand(act.kind === 'amend', 'amendment-invalid', 'what was approved is no amendment')
  return act.changes
}
