/**
 * Which roles may meet in one person: EN 419 241-1:2018, SRG_M.1, the static exclusions.
 *
 * That nobody holds all privileged roles (SRG_M.1.4) follows from the pairs. What is left is the administrator who
 * also operates; the standard would rather see two people there and does not demand it.
 */
import type { Person, Role } from './roster.ts'

interface Exclusion {
  readonly roles: readonly [Role, Role]
  /** Requirement of EN 419 241-1:2018. */
  readonly because: string
}

const PRIVILEGED: readonly Role[] = [
  'security-officer',
  'system-administrator',
  'system-operator',
  'system-auditor',
]

export const EXCLUSIONS: readonly Exclusion[] = [
  // Who vouches for signers is a role outside the privileged ones, and the two never meet in one user.
  ...PRIVILEGED.map((role): Exclusion => ({ roles: [role, 'registration-officer'], because: 'SRG_M.1.5' })),
  { roles: ['security-officer', 'system-auditor'], because: 'SRG_M.1.6' },
  { roles: ['system-administrator', 'system-auditor'], because: 'SRG_M.1.7' },
  { roles: ['system-administrator', 'security-officer'], because: 'SRG_M.1.7' },
  { roles: ['system-operator', 'system-auditor'], because: 'SRG_M.1.7' },
  { roles: ['system-operator', 'security-officer'], because: 'SRG_M.1.7' },
]

/** Everything that is wrong with the person's roles, in sentences. */
export function problemsOfRoles({ id, roles }: Pick<Person, 'id' | 'roles'>): string[] {
  const excluded = EXCLUSIONS.filter(exclusion => exclusion.roles.every(role => roles.includes(role)))
  return [
    ...excluded.map(({ roles: [one, other], because }) => `person ${id}: ${one} and ${other} (${because})`),
    ...(new Set(roles).size === roles.length ? [] : [`person ${id}: a role twice`]),
  ]
}
