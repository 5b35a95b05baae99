/** `roster/read` and `roster/amendments` — what the roster is, and how it became so. */
import { administerStatement } from '@natsuin/protocol/administration'
import { administerTicket, peekJws } from '@natsuin/protocol/approval'
import { STATE_LOG, stateLeaf } from '@natsuin/protocol/log'
import type { AdministrationResponse, Amendment } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import { checkStoredRoster } from '../roster/check-stored.ts'
import { rosterId } from '../roster/roster-in-force.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `record-altered` */
export async function readRoster(sam: Sam): Promise<AdministrationResponse<'roster/read'>> {
  await checkStoredRoster(sam)
  return { roster: sam.roster, digest: sam.rosters.digest }
}

/** @throws Refusal `record-altered` */
export async function readAmendments(sam: Sam): Promise<AdministrationResponse<'roster/amendments'>> {
  const amendments: Amendment[] = []
  for (let version = 2; version <= sam.roster.version; version++) {
    amendments.push(await readAmendment(sam, version))
  }
  return { amendments }
}

async function readAmendment({ records, store }: Sam, version: number): Promise<Amendment> {
  const { approvals, leaf: index } = await records.need('amendment', rosterId(version))
  const statements = approvals.map(({ statement }) => readStrictJson(statement, administerStatement))
  const [row] = await store.rows(STATE_LOG, index, 1)
  const leaf = row === undefined ? undefined : readStrictJson(row.leaf, stateLeaf)
  const [first] = statements
  if (first === undefined || leaf?.event !== 'roster-amended') throw refuse('record-altered', { version })
  const approvers = statements.map(({ ticket }) => peekJws(ticket, 'natsuin-ticket', administerTicket).person)
  return { version, rosterDigest: leaf.rosterDigest, request: first.request, approvers, at: leaf.at }
}
