/** Changes of who is in the roster, with which roles and passkeys. */
import { equal } from '@natsuin/pki/encoding'
import type { Person, Role, Roster } from '@natsuin/protocol/genesis'
import { type Apply, ImpossibleChange, newPasskey, without } from './change-rules.ts'

export const addPerson: Apply<'person-add'> = (roster, { person }, registered) => {
  const { id, name, roles, registrations } = person
  if (roster.people.some(one => one.id === id)) throw new ImpossibleChange(`person ${id}: is there already`)
  const passkeys = registrations.map(one => newPasskey(one, id, roster, registered))
  return { ...roster, people: [...roster.people, { id, name, roles, passkeys }] }
}

export const removePerson: Apply<'person-remove'> = (roster, { personId }) => ({
  ...roster,
  people: without(roster.people, personId, 'person'),
})

/**
 * Other roles of the same kind: who vouches for signers is outside the privileged roles, and nobody goes from one kind
 * to the other (EN 419 241-1:2018, SRG_M.1.5).
 */
export const setRoles: Apply<'person-roles'> = (roster, { personId, roles }) =>
  changed(roster, personId, person => {
    if (isPrivileged(person.roles) === isPrivileged(roles)) return { ...person, roles }
    throw new ImpossibleChange(`person ${personId}: goes from one kind of role to the other (SRG_M.1.5)`)
  })

export const addPasskey: Apply<'passkey-add'> = (roster, { personId, registration }, registered) =>
  changed(roster, personId, person => {
    const added = newPasskey(registration, personId, roster, registered)
    return { ...person, passkeys: [...person.passkeys, added] }
  })

export const removePasskey: Apply<'passkey-remove'> = (roster, { personId, credentialId }) =>
  changed(roster, personId, person => {
    const passkeys = person.passkeys.filter(one => !equal(one.credentialId, credentialId))
    if (passkeys.length < person.passkeys.length) return { ...person, passkeys }
    throw new ImpossibleChange(`person ${personId}: has no such passkey`)
  })

function changed(roster: Roster, personId: string, change: (person: Person) => Person): Roster {
  if (!roster.people.some(({ id }) => id === personId)) {
    throw new ImpossibleChange(`person ${personId}: there is none`)
  }
  return { ...roster, people: roster.people.map(one => (one.id === personId ? change(one) : one)) }
}

const isPrivileged = (roles: readonly Role[]) => roles.some(role => role !== 'registration-officer')
