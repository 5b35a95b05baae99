/** Which roles may approve which change of the roster, as this verifier knows it (sole-control 8). */
import type { Change, ChangeKind } from '@natsuin/protocol/administration'
import type { Person, Role } from '@natsuin/protocol/genesis'

/** Beside the security officers, who may approve everything. */
const ALSO: Readonly<Partial<Record<ChangeKind, readonly Role[]>>> = {
  'client-set': ['system-administrator'],
  'client-remove': ['system-administrator'],
  'limits-set': ['system-administrator'],
}

export function mayApprove({ roles }: Person, changes: readonly Change[]): boolean {
  return changes.every(({ kind }) =>
    roles.some(role => role === 'security-officer' || ALSO[kind]?.includes(role) === true),
  )
}

/** Ids of the people whom the changes are about, who have no say in them. */
export function peopleIn(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(change => {
    if ('personId' in change) return [change.personId]
    return 'person' in change ? [change.person.id] : []
  })
}
