import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import type { Change } from '@natsuin/protocol/administration'
import { exampleClass, exampleRoster } from '../fixture/roster.ts'
import { type Shown, shownChange } from './shown-change.ts'

const show = async (change: Change) => {
  const { about, rows } = await shownChange(change, exampleRoster, nodePlatform)
  return [about, ...rows.map(({ name, before, after }) => [name.en, inEnglish(before), inEnglish(after)])]
}

const inEnglish = (shown: Shown | undefined) => (typeof shown === 'object' ? shown.en : shown)

const registration = { clientDataJSON: utf8('{}'), attestationObject: utf8('attested') }
const fingerprint = Buffer.from(digestSync('sha256', registration.attestationObject))
  .toString('hex')
  .slice(0, 20)
  .replaceAll(/(....)(?=.)/g, '$1 ')

describe('a change as its approver sees it', () => {
  it('introduces somebody with his roles and the fingerprint that he can read out', async () => {
    const person = {
      id: 's-4',
      name: 'Fourth',
      roles: ['security-officer'],
      registrations: [registration],
    } as const
    assert.deepEqual(await show({ kind: 'person-add', person }), [
      'Fourth',
      ['Identifier', undefined, 's-4'],
      ['Roles', undefined, 'security officer'],
      ['Fingerprint of the passkey', undefined, fingerprint],
    ])
  })

  it('names whom it takes away, and what he could do', async () => {
    assert.deepEqual(await show({ kind: 'person-remove', personId: 's-1' }), [
      '山田 花子',
      ['Identifier', 's-1', undefined],
      ['Roles', 'security officer', undefined],
    ])
  })

  it('tells roles before from roles after', async () => {
    const roles = ['system-administrator', 'system-operator'] as const
    assert.deepEqual(await show({ kind: 'person-roles', personId: 's-2', roles }), [
      'Second',
      ['Roles', 'security officer', 'system administrator, system operator'],
    ])
  })

  it('says which passkey goes, and of how many', async () => {
    const credentialId = utf8('passkey of s-1')
    const [, row] = await show({ kind: 'passkey-remove', personId: 's-1', credentialId })
    assert.match(String(row?.[1]), /^1 \/ 1 \(/)
  })

  it('says of an identity provider whom it asks, which keys it believes, and what a log-in has to be', async () => {
    const provider = {
      id: 'example',
      name: 'Example ID',
      issuer: 'https://id.example',
      authorizationEndpoint: 'https://id.example/auth',
      tokenEndpoint: 'https://id.example/token',
      clientId: 'natsuin',
      keys: [{ kid: 'k-1', algorithm: 'RS256', publicKey: utf8('a key') }],
      assurances: [{ level: 1 }, { level: 2, acrs: ['a', 'b'], amrs: ['otp'] }],
    } as const
    const [about, ...rows] = await show({ kind: 'provider-set', provider })
    assert.equal(about, 'Example ID')
    assert.deepEqual(rows.at(-1), ['What a log-in has to be', undefined, '1; 2 acr a|b amr otp'])
    assert.match(String(rows.at(-2)?.[2]), /^k-1 \(/)
    assert.deepEqual(rows.slice(2, 6), [
      ['Issuer', undefined, 'https://id.example'],
      ['Where people log in', undefined, 'https://id.example/auth'],
      ['Where codes are redeemed', undefined, 'https://id.example/token'],
      ['Identifier of the approval client', undefined, 'natsuin'],
    ])
    assert.deepEqual(await show({ kind: 'provider-remove', providerId: 'gone' }), ['gone'])
  })

  it('shows of a class only what becomes different', async () => {
    const changed = { ...exampleClass, level: 2, bases: ['seen'] } as const
    assert.deepEqual(await show({ kind: 'class-set', class: changed }), [
      'level-1',
      ['Level', '1', '2'],
      [
        'What may be approved',
        'seen documents, documents that the application vouches for, documents that nobody saw',
        'seen documents',
      ],
    ])
  })

  it('shows everything of a class that is new', async () => {
    const [about, ...rows] = await show({ kind: 'class-set', class: { ...exampleClass, id: 'new' } })
    assert.equal(about, 'new')
    assert.ok(rows.length >= 10)
    assert.ok(rows.every(row => row[1] === undefined))
  })

  it('shows an application by name and the fingerprints of its keys', async () => {
    const client = { id: 'portal', name: 'Portal', keys: [{ kid: 'k-1', publicKey: new Uint8Array(91) }] }
    const rows = await show({ kind: 'client-set', client })
    assert.deepEqual(rows[1], ['Name', '契約ポータル', 'Portal'])
    assert.match(String(rows[2]?.[2]), /^k-1 \(([0-9a-f]{4} ){4}[0-9a-f]{4}\)$/)
  })

  it('shows numbers and addresses before and after', async () => {
    assert.deepEqual(await show({ kind: 'level-set', maxLevel: 3 }), ['', ['Level', '2', '3']])
    assert.deepEqual(await show({ kind: 'issuer-set', issuer: 'https://sign2.example' }), [
      '',
      ['Address', 'https://sign.example', 'https://sign2.example'],
    ])
    assert.deepEqual(await show({ kind: 'limits-set', limits: { grantHours: 48, requestHours: 4 } }), [
      '',
      ['Requests wait for, in hours', '48', '4'],
    ])
  })

  it('shows what does not fit the roster as it stands', async () => {
    assert.deepEqual(await show({ kind: 'class-remove', classId: 'nothing' }), ['nothing'])
    assert.deepEqual(await show({ kind: 'trust-anchor-add', certificate: utf8('no certificate') }), [
      '',
      [
        'Digest of the certificate',
        undefined,
        Buffer.from(digestSync('sha256', utf8('no certificate'))).toString('hex'),
      ],
    ])
  })
})
