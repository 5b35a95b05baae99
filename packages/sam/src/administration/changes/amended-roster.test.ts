import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { digestSync } from '@natsuin/pki/node'
import type { Candidate, Change } from '@natsuin/protocol/administration'
import type { Roster } from '@natsuin/protocol/genesis'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { classOf } from '@natsuin/testing/deployment'
import { issuing, root } from '@natsuin/testing/pki'
import { createForeignProvider } from '@natsuin/testing/provider'
import { newFounding, newPerson, registerPasskey } from '../../fixture/place.ts'
import { rosterOf } from '../../genesis/founding.ts'
import { amendedRoster } from './amended-roster.ts'

const { entry: provider } = createForeignProvider(1)
const nobodys = { isRegistered: () => false, wasProvider: () => false }
const somebodys = { isRegistered: () => true, wasProvider: () => true }

let roster: Roster
let newcomer: Candidate
before(() => {
  roster = rosterOf(newFounding().founding, true)
  newcomer = newPerson('s-4', ['security-officer']).candidate
})

function amended(...changes: Change[]): Roster {
  const result = amendedRoster(roster, changes, nobodys)
  assert.ok('roster' in result, 'problems' in result ? result.problems.join() : '')
  return result.roster
}

function assertProblem(problem: string, changes: readonly Change[], registered = nobodys): void {
  const result = amendedRoster(roster, changes, registered)
  assert.deepEqual('problems' in result ? result.problems : [], [problem])
}

function assertProblemLike(problem: RegExp, changes: readonly Change[]): void {
  const result = amendedRoster(roster, changes, nobodys)
  assert.match('problems' in result ? result.problems.join() : '', problem)
}

const personIn = ({ people }: Roster, id: string) => people.find(one => one.id === id)

describe('changes of people', () => {
  it('add somebody with the keys that he registered', () => {
    const { people, version } = amended({ kind: 'person-add', person: newcomer })
    assert.equal(version, 2)
    const { id, name, roles, passkeys } = people.at(-1) ?? assert.fail()
    assert.deepEqual([id, name, roles, passkeys.length], ['s-4', 'Person s-4', ['security-officer'], 1])
  })

  it('add nobody who is there already, nor with a passkey of another, nor with one registered in another name (T-ADM-02)', () => {
    const same = newPerson('s-1', ['security-officer']).candidate
    assertProblem('person s-1: is there already', [{ kind: 'person-add', person: same }])
    assertProblem(
      'person s-4: the passkey is or was registered',
      [{ kind: 'person-add', person: newcomer }],
      somebodys,
    )
    const renamed = { ...newcomer, id: 's-5' }
    assertProblem('person s-5: challenge-mismatch', [{ kind: 'person-add', person: renamed }])
    const one = newPerson('s-6', ['security-officer']).candidate
    const two = newPerson('s-7', ['security-officer']).candidate
    const [of, by] = [one.registrations[0], two.registrations[0]]
    assert.ok(of && by)
    // With attestation "none" a passkey can be put under another challenge.
    const stolen = { ...two, registrations: [{ ...by, attestationObject: of.attestationObject }] }
    assertProblem('people: a passkey twice', [
      { kind: 'person-add', person: one },
      { kind: 'person-add', person: stolen },
    ])
  })

  it('add nobody whose passkey can leave its device, at level 3', () => {
    const device = createSoftwareAuthenticator({ backupEligible: true })
    const person = { ...newcomer, registrations: [registerPasskey('s-4', device)] }
    assertProblem('person s-4: at level 3 a passkey that can leave its device', [
      { kind: 'person-add', person },
    ])
  })

  it('remove somebody, and nobody who is not there', () => {
    assert.equal(personIn(amended({ kind: 'person-remove', personId: 'auditor' }), 'auditor'), undefined)
    assertProblem('person x: there is none', [{ kind: 'person-remove', personId: 'x' }])
  })

  it('remove no security officer without whom too few are left', () => {
    const remove = (personId: string) => ({ kind: 'person-remove', personId }) as const
    amended(remove('s-1'))
    assertProblem(
      'quorum: fewer security officers than have to agree; only a new genesis leads on from there',
      [remove('s-1'), remove('s-2')],
    )
    amended({ kind: 'person-add', person: newcomer }, remove('s-1'), remove('s-2'))
  })

  it('give other roles of the same kind, and none that may not meet (SRG_M.1.5 to 1.7)', () => {
    const roles = (personId: string, ...given: Candidate['roles']) =>
      ({ kind: 'person-roles', personId, roles: given }) as const
    assert.deepEqual(personIn(amended(roles('admin', 'system-operator')), 'admin')?.roles, [
      'system-operator',
    ])
    assertProblem('person admin: system-administrator and system-auditor (SRG_M.1.7)', [
      roles('admin', 'system-administrator', 'system-auditor'),
    ])
    for (const [id, role] of [
      ['auditor', 'registration-officer'],
      ['o-1', 'system-auditor'],
    ] as const) {
      assertProblem(`person ${id}: goes from one kind of role to the other (SRG_M.1.5)`, [roles(id, role)])
    }
    assertProblem('person x: there is none', [roles('x', 'system-auditor')])
  })

  it('add a passkey and remove one, but not the last', () => {
    const registration = registerPasskey('s-1')
    const [old] = personIn(roster, 's-1')?.passkeys ?? []
    assert.ok(old)
    const add = { kind: 'passkey-add', personId: 's-1', registration } as const
    const remove = { kind: 'passkey-remove', personId: 's-1', credentialId: old.credentialId } as const
    assert.equal(personIn(amended(add), 's-1')?.passkeys.length, 2)
    assert.equal(personIn(amended(add, remove), 's-1')?.passkeys.length, 1)
    assertProblem('person s-1: has no such passkey', [{ ...remove, credentialId: new Uint8Array(32) }])
    assertProblemLike(/passkeys: expected 1 to 10 elements/, [remove])
    assertProblem('person s-1: the passkey is or was registered', [add], somebodys)
  })
})

describe('changes of classes, clients and settings', () => {
  it('set a class by its id, and remove it', () => {
    const changed = classOf(2, { id: 'level-2', maxSignatures: 7 })
    const { classes } = amended({ kind: 'class-set', class: changed })
    assert.deepEqual(
      classes.map(({ id, maxSignatures }) => [id, maxSignatures]),
      [
        ['level-1', 5],
        ['level-2', 7],
        ['level-3', 5],
      ],
    )
    assert.equal(amended({ kind: 'class-set', class: classOf(1, { id: 'new' }) }).classes.at(-1)?.id, 'new')
    assert.equal(amended({ kind: 'class-remove', classId: 'level-1' }).classes.length, 2)
    assertProblem('class x: there is none', [{ kind: 'class-remove', classId: 'x' }])
    assertProblem('class level-3: imported keys are level 2 at most', [
      { kind: 'class-set', class: classOf(3, { keys: 'imported' }) },
    ])
  })

  it('set a client by its id, and remove it', () => {
    const client = { id: 'app', name: 'Renamed' }
    assert.equal(amended({ kind: 'client-set', client }).clients[0]?.name, 'Renamed')
    assert.equal(amended({ kind: 'client-set', client: { ...client, id: 'new' } }).clients.length, 3)
    assert.equal(amended({ kind: 'client-remove', clientId: 'app' }).clients.length, 1)
    assertProblem('client x: there is none', [{ kind: 'client-remove', clientId: 'x' }])
  })

  it('set a provider, but no other issuer in its place', () => {
    const set = { kind: 'provider-set', provider } as const
    const [given] = amended(set).providers ?? []
    assert.deepEqual(given, provider)
    const renamed = { ...provider, name: 'Renamed' }
    assert.deepEqual(amended(set, { ...set, provider: renamed }).providers, [renamed])
    const other = { ...provider, issuer: 'https://other.example' }
    assertProblem('provider example: has another issuer', [set, { ...set, provider: other }])
  })

  it('take a provider away for good, whatever still names it (T-IDP-07)', () => {
    const set = { kind: 'provider-set', provider } as const
    const remove = { kind: 'provider-remove', providerId: 'example' } as const
    const byProvider = classOf(2, { id: 'by-provider', approvals: ['provider'], provider: 'example' })
    const { providers, classes } = amended(set, { kind: 'class-set', class: byProvider }, remove)
    assert.deepEqual([providers, classes.length], [[], 4])
    assertProblem('provider x: there is none', [{ ...remove, providerId: 'x' }])
    assertProblem('provider example: was removed, and does not come back', [set], somebodys)
  })

  it('set no class for a provider that is not there, or does not vouch at its level (T-IDP-07)', () => {
    const set = (level: 1 | 2) => ({
      kind: 'class-set' as const,
      class: classOf(level, { id: 'by-provider', approvals: ['provider'], provider: 'example' }),
    })
    assertProblem('class by-provider: there is no provider example', [set(1)])
    const capped = { ...provider, assurances: [{ level: 1 }] as const }
    const add = { kind: 'provider-set', provider: capped } as const
    assertProblem('class by-provider: provider example does not vouch at level 2', [add, set(2)])
    assert.equal(amended(add, set(1)).classes.at(-1)?.provider, 'example')
  })

  it('add and remove trust anchors, but not the last', () => {
    const { bytes: certificate } = issuing.certificate
    const add = { kind: 'trust-anchor-add', certificate } as const
    const remove = (of: Uint8Array) =>
      ({ kind: 'trust-anchor-remove', digest: digestSync('sha256', of) }) as const
    assert.equal(amended(add).trustAnchors.length, 2)
    assert.deepEqual(amended(add, remove(root.certificate.bytes)).trustAnchors, [certificate])
    assertProblem('trustAnchors: is there already', [{ ...add, certificate: root.certificate.bytes }])
    assertProblem('trustAnchors: one is no certificate', [{ ...add, certificate: new Uint8Array(10) }])
    assertProblemLike(/^trustAnchors: expected 1 to 20 elements/, [remove(root.certificate.bytes)])
    assertProblemLike(/^trustAnchors: there is none with the digest/, [remove(certificate)])
  })

  it('let a SAD live for an hour, and not a second longer (T-LIM-04)', () => {
    const living = (sadSeconds: number) => ({ kind: 'class-set' as const, class: classOf(1, { sadSeconds }) })
    assert.equal(amended(living(3600)).classes.length, 3)
    assertProblemLike(/sadSeconds: expected an integer from 10 to 3600/, [living(3601)])
  })

  it('set quorum, level and limits within the rules', () => {
    assert.equal(amended({ kind: 'quorum-set', quorum: 3 }).quorum, 3)
    assertProblem('class level-3: level 3 is above maxLevel', [{ kind: 'level-set', maxLevel: 2 }])
    const lower = amended({ kind: 'class-remove', classId: 'level-3' }, { kind: 'level-set', maxLevel: 2 })
    assert.equal(lower.maxLevel, 2)
    const issuer = 'https://sign.example.org'
    assert.equal(amended({ kind: 'issuer-set', issuer }).issuer, issuer)
    const limits = { requestHours: 2, grantHours: 3 }
    assert.deepEqual(amended({ kind: 'limits-set', limits }).limits, limits)
  })

  it('are all made or none', () => {
    assertProblem('client x: there is none', [
      { kind: 'quorum-set', quorum: 3 },
      { kind: 'client-remove', clientId: 'x' },
    ])
  })
})
