/** Officers of the roster vouched for the person, with their passkeys: one, or two at level 3 and
 * for a key that came from elsewhere (sole-control 6 and 8). */
import { equal } from '@natsuin/pki/encoding'
import { type EnrolmentGrant, grantStatement, grantTicket, toWire } from '@natsuin/protocol/approval'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import type { CredentialClass, Person } from '@natsuin/protocol/genesis'
import type { Leaf } from '@natsuin/protocol/log'
import { writeJson } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { demand, demanded } from '../verdict.ts'
import { checkAssertion } from '../webauthn/assertion.ts'
import { passkeyOf } from './person.ts'
import { checkProofing } from './proofing.ts'
import { readStatement, readTicket } from './statement.ts'

export interface CheckedGrant {
  readonly id: string
  readonly grant: EnrolmentGrant
  readonly officers: readonly string[]
  /** Of the credential that was granted, as the roster has it. */
  readonly class: CredentialClass
}

export async function checkGrant(
  approvals: readonly ApprovedStatement[],
  leaf: Extract<Leaf, { event: 'grant-accepted' }>,
  sam: Sam,
): Promise<CheckedGrant> {
  const vouched = await Promise.all(
    approvals.map((approval, i) => checkOne(approval, leaf.approvals[i], sam)),
  )
  const first = demanded(vouched[0], 'officers-too-few', 'nobody vouched')
  const same = vouched.every(({ grant }) => equal(writeJson(toWire(grant)), writeJson(toWire(first.grant))))
  demand(same, 'grants-differ', 'the officers vouched for different grants')
  const credentialClass = classOf(first.grant, sam)
  checkProofing(first.grant, credentialClass, leaf.at)
  const officers = new Set(vouched.map(({ officer }) => officer.id))
  demand(
    officers.size >= (credentialClass.level === 3 || credentialClass.keys === 'imported' ? 2 : 1),
    'officers-too-few',
    `${officers.size} officers vouched`,
  )
  const names = vouched.map(({ officer }) => officer.name)
  return { id: leaf.grantId, grant: first.grant, officers: names, class: credentialClass }
}

async function checkOne(approval: ApprovedStatement, recorded: Uint8Array | undefined, sam: Sam) {
  const { ticket: ticketJws, grant } = readStatement(approval.statement, grantStatement)
  const ticket = await readTicket(ticketJws, grantTicket, sam)
  const officer = officerOf(ticket.officer.id, sam)
  await checkAssertion(approval, passkeyOf(officer, approval.assertion), sam)
  const digest = await sam.platform.digest('sha256', approval.statement)
  demand(recorded !== undefined && equal(digest, recorded), 'grants-differ', 'the log records another grant')
  return { officer, grant }
}

function officerOf(id: string, { roster }: Sam): Person {
  const person = roster.people.find(one => one.id === id)
  const known = demanded(person, 'officer-not-in-roster', `${id} is not in the roster`)
  const isOfficer = known.roles.includes('registration-officer')
  demand(isOfficer, 'officer-not-in-roster', `${id} is no registration officer`)
  return known
}

/** As the roster has it. */
export function classOf(grant: EnrolmentGrant, sam: Sam): CredentialClass {
  const found = sam.roster.classes.find(({ id }) => id === grant.credentialClass)
  return demanded(found, 'statement-invalid', `class ${grant.credentialClass} is not in the roster`)
}
