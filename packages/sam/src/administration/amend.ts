/**
 * An amendment: the roster becomes another one (sole-control 8).
 *
 * It may take power away, so it goes the way of every removal: memory refuses first, then the leaf of the state log,
 * then the copy outside, and only then it is said that it is done.
 */
import type { ActOf, Change } from '@natsuin/protocol/administration'
import type { Roster } from '@natsuin/protocol/genesis'
import { remove } from '../audit/removals.ts'
import { makeImportKey } from '../keys/make-import-key.ts'
import { moduleAnswer } from '../keys/module-answer.ts'
import { refuse } from '../refuse.ts'
import { problemOfLevel } from '../roster/check-level.ts'
import { rosterDigest, rosterId } from '../roster/roster-in-force.ts'
import type { Sam } from '../sam.ts'
import type { ActRules } from './act-rules.ts'
import type { ApprovedAct } from './approved-act.ts'
import { amendedRoster } from './changes/amended-roster.ts'

export const AMEND: ActRules<'amend'> = {
  operations: ({ changes }) => changes.map(({ kind }) => kind),
  about: ({ changes }) => changes.flatMap(personIn),
  needed: ({ quorum }) => quorum,
  problems: async (sam, act) => problemsOf(sam, act),
  perform: amend,
}

function personIn(change: Change): string[] {
  if ('personId' in change) return [change.personId]
  return change.kind === 'person-add' ? [change.person.id] : []
}

function problemsOf({ roster, state }: Sam, { changes }: ActOf<'amend'>): readonly string[] {
  const amended = amendedRoster(roster, changes, state)
  return 'problems' in amended ? amended.problems : []
}

/** @throws Refusal `change-refused`, `roster-changed`, `log-unavailable`, `module-unavailable` */
async function amend(sam: Sam, approved: ApprovedAct<'amend'>): Promise<void> {
  const { act, approvals, approvalDigests } = approved.redeem()
  const amended = amendedRoster(sam.roster, act.changes, sam.state)
  if ('problems' in amended) throw refuse('change-refused', amended)
  const { roster } = amended
  await needLevel(sam, roster)
  const { version } = roster
  const base = sam.roster.version
  await sam.rosters.amending(roster.version, async () => {
    sam.rosters.prepare(roster)
    await moduleAnswer(() => makeImportKey(sam.module, roster))
    await remove(sam, {
      refuseInMemory: () => sam.rosters.prepare(roster),
      isLogged: () => false,
      leaf: () => ({
        event: 'roster-amended',
        at: sam.time.milliseconds(),
        version,
        rosterDigest: rosterDigest(roster),
        approvals: approvalDigests,
      }),
      records: leaf => [
        sam.records.seal('roster', rosterId(version), 1, roster),
        sam.records.seal('amendment', rosterId(version), 1, { approvals, leaf }),
      ],
      stillHolds: () => checkBase(sam, base),
      failpoint: 'roster-amended',
    })
  })
}

/** @throws Refusal `change-refused`, `module-unavailable` */
async function needLevel({ module, state }: Sam, roster: Roster): Promise<void> {
  const problem = await moduleAnswer(() => problemOfLevel(roster, module, state.masterKey.label))
  if (problem !== undefined) throw refuse('change-refused', { problems: [problem] })
}

/** That no other SAM amended the roster meanwhile. @throws Refusal `roster-changed` */
function checkBase({ state }: Sam, version: number): void {
  if (state.roster.version !== version) throw refuse('roster-changed')
}
