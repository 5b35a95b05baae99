/**
 * What each role may do: a table, and whatever is not in it nobody may (EN 419 241-1:2018, SRG_M.1.1).
 *
 * No row lets anybody use a signer's key, enrol a passkey for him or read what he signs: there is no such operation
 * for people of the roster (T-ADM-01).
 */
import type { Person, Role, Roster } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'

export type PrivilegedOperation = 'vouch'

const PERMITTED: Readonly<Record<PrivilegedOperation, readonly Role[]>> = {
  /** For a person who is to be enrolled. */
  vouch: ['registration-officer'],
}

export function mayDo({ roles }: Pick<Person, 'roles'>, operation: PrivilegedOperation): boolean {
  return roles.some(role => PERMITTED[operation].includes(role))
}

/** The person, if he is in the roster now and may. @throws Refusal `person-unknown`, `role-refused` */
export function permitted(roster: Roster, personId: string, operation: PrivilegedOperation): Person {
  const person = roster.people.find(({ id }) => id === personId)
  if (person === undefined) throw refuse('person-unknown')
  if (!mayDo(person, operation)) throw refuse('role-refused')
  return person
}
