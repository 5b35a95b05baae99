import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change } from '@natsuin/protocol/administration'
import type { Person, Role } from '@natsuin/protocol/genesis'
import { mayApprove, peopleIn } from './roles.ts'

const person = (role: Role): Person => ({ id: 'x', name: 'X', roles: [role], passkeys: [] })
const client: Change = { kind: 'client-remove', clientId: 'a' }
const quorum: Change = { kind: 'quorum-set', quorum: 2 }

describe('who may approve a change, in evidence (sole-control 8)', () => {
  it('is a security officer, and of clients and limits a system administrator', () => {
    assert.ok(mayApprove(person('security-officer'), [client, quorum]))
    assert.ok(mayApprove(person('system-administrator'), [client]))
    assert.ok(!mayApprove(person('system-administrator'), [client, quorum]))
    for (const role of ['system-operator', 'system-auditor', 'registration-officer'] as const) {
      assert.ok(!mayApprove(person(role), [client]))
    }
  })

  it('is nobody whom it is about', () => {
    assert.deepEqual(
      peopleIn([
        quorum,
        { kind: 'person-remove', personId: 'a' },
        { kind: 'person-add', person: { id: 'b', name: 'B', roles: ['system-auditor'], registrations: [] } },
      ]),
      ['a', 'b'],
    )
  })
})
