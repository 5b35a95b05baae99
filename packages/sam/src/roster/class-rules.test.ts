import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CredentialClass, Level } from '@natsuin/protocol/genesis'
import { newManufacturer } from '@natsuin/testing/authenticator'
import { classOf } from '@natsuin/testing/deployment'
import { problemsOfClass } from './class-rules.ts'

const maker = newManufacturer('Accepted')

describe('the rules for classes (requirements 3)', () => {
  for (const level of [1, 2, 3] as const) {
    it(`accept a class for passkeys and lasting keys at level ${level}`, () => {
      assert.deepEqual(problemsOfClass(classOf(level)), [])
    })
  }

  const wrong: readonly (readonly [string, readonly Level[], Partial<CredentialClass>])[] = [
    [
      'a way to approve that is not enough for its level',
      [3],
      { approvals: ['passkey', 'provider'], provider: 'example' },
    ],
    ['a way to approve that is not enough for its level', [3], { approvals: ['pin-totp'] }],
    ['a way to approve that is not enough for its level', [3], { approvals: ['seal-key'] }],
    ['an identity provider for nothing, or none where one has to vouch', [1, 2, 3], { provider: 'example' }],
    [
      'an identity provider for nothing, or none where one has to vouch',
      [1, 2, 3],
      { approvals: ['provider-and-passkey'] },
    ],
    ['level 3 refuses unseen', [3], { bases: ['seen', 'unseen'] }],
    ['imported keys are level 2 at most', [3], { keys: 'imported' }],
    [
      'identity proofing below what its level begins with',
      [2, 3],
      { proofing: { minLevel: 1, maxAgeDays: 90 } },
    ],
    [
      'identity proofing below what its level begins with',
      [1, 2, 3],
      { proofing: { minLevel: 0, maxAgeDays: 90 } },
    ],
    [
      'a model of authenticators that is none',
      [1, 2, 3],
      { authenticators: { aaguids: [new Uint8Array(16)], roots: [maker.root] } },
    ],
    [
      'a root of authenticators that is no certificate',
      [1, 2, 3],
      { authenticators: { aaguids: [maker.aaguid], roots: [new Uint8Array(100)] } },
    ],
    ['a way to approve that is not enough for its level', [2, 3], { approvals: ['pin-sent-code'] }],
    ['a way to approve twice', [1, 2, 3], { approvals: ['passkey', 'passkey'] }],
    ['a basis twice', [1, 2, 3], { bases: ['seen', 'seen'] }],
  ]
  for (const [problem, levels, changed] of wrong) {
    it(`refuse at level ${levels.join(' and ')} alone ${JSON.stringify(Object.values(changed)[0])}: ${problem}`, () => {
      for (const level of [1, 2, 3] as const) {
        const expected = levels.includes(level) ? [`class level-${level}: ${problem}`] : []
        assert.deepEqual(problemsOfClass(classOf(level, changed)), expected)
      }
    })
  }

  it('refuse codes of an app together with codes that are sent', () => {
    const problem = 'class level-1: codes of an app and codes that are sent'
    assert.deepEqual(problemsOfClass(classOf(1, { approvals: ['pin-totp', 'pin-sent-code'] })), [problem])
    assert.deepEqual(problemsOfClass(classOf(1, { approvals: ['passkey', 'pin-sent-code'] })), [])
  })

  it('accept a list of models at every level', () => {
    const authenticators = { aaguids: [maker.aaguid], roots: [maker.root] }
    for (const level of [1, 2, 3] as const) {
      assert.deepEqual(problemsOfClass(classOf(level, { authenticators })), [])
    }
  })

  it('accept at level 3 a provider together with a passkey, vouched items and keys for one activation', () => {
    const strict = classOf(3, {
      approvals: ['provider-and-passkey'],
      provider: 'example',
      bases: ['seen', 'vouched'],
      keys: 'one-time',
    })
    assert.deepEqual(problemsOfClass(strict), [])
  })
})
