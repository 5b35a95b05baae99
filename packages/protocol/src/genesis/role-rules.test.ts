import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { problemsOfRoles } from './role-rules.ts'
import type { Role } from './roster.ts'

const ROLES: readonly Role[] = [
  'security-officer',
  'system-administrator',
  'system-operator',
  'system-auditor',
  'registration-officer',
]

const problemsOf = (...roles: Role[]) => problemsOfRoles({ id: 'x', roles })

describe('the static exclusions of roles (EN 419 241-1:2018, SRG_M.1)', () => {
  it('let everybody have one role', () => {
    for (const role of ROLES) assert.deepEqual(problemsOf(role), [])
  })

  it('let two roles meet in an administrator who also operates, and in nobody else', () => {
    const allowed = ROLES.flatMap((one, i) =>
      ROLES.slice(i + 1)
        .filter(other => problemsOf(one, other).length === 0)
        .map(other => [one, other]),
    )
    assert.deepEqual(allowed, [['system-administrator', 'system-operator']])
  })

  it('say which requirement keeps each pair apart', () => {
    assert.deepEqual(problemsOf('security-officer', 'system-auditor'), [
      'person x: security-officer and system-auditor (SRG_M.1.6)',
    ])
    assert.deepEqual(problemsOf('system-operator', 'system-auditor'), [
      'person x: system-operator and system-auditor (SRG_M.1.7)',
    ])
    assert.deepEqual(problemsOf('system-auditor', 'registration-officer'), [
      'person x: system-auditor and registration-officer (SRG_M.1.5)',
    ])
  })

  it('let nobody hold all privileged roles, nor one twice', () => {
    assert.equal(problemsOf(...ROLES.slice(0, 4)).length, 5)
    assert.deepEqual(problemsOf('system-auditor', 'system-auditor'), ['person x: a role twice'])
  })
})
