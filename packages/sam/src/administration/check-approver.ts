/**
 * Whether somebody may approve a request now (T-ADM-02): asked when he gets his ticket, and again when he answers.
 */
import type { Person } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'
import { mayDo } from '../roster/permissions.ts'
import type { Sam } from '../sam.ts'
import { rulesOf } from './acts.ts'
import type { Proposal } from './proposals.ts'

/**
 * @throws Refusal `roster-changed`, `request-about-oneself`, `person-unknown`, `role-refused` and those of
 *   `Proposal.checkOpenFor`
 */
export function checkApprover(sam: Sam, proposal: Proposal, personId: string): Person {
  const { act, roster } = proposal.request
  if (roster.version !== sam.roster.version) throw refuse('roster-changed')
  proposal.checkOpenFor(personId, sam.time.seconds())
  const rules = rulesOf(act)
  if (rules.about(act).includes(personId)) throw refuse('request-about-oneself')
  const [first, ...others] = rules.operations(act)
  if (first === undefined) throw new Error(`an act of kind ${act.kind} asks for no operation`)
  for (const operation of others) sam.rosters.permitted(personId, operation)
  return sam.rosters.permitted(personId, first)
}

/** Those who may approve it, as far as the roster says. */
export function approversOf(sam: Sam, { request: { act } }: Proposal): readonly Person[] {
  const rules = rulesOf(act)
  const operations = rules.operations(act)
  return sam.roster.people.filter(
    person => !rules.about(act).includes(person.id) && operations.every(one => mayDo(person, one)),
  )
}
