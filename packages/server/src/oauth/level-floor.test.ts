import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readClient } from '../config/clients.ts'
import type { Sam } from '../signing/sam.ts'
import { createLevelFloor, problemsOfProfile } from './level-floor.ts'

const common = { name: 'App', redirect_uris: ['https://app.example/'] }
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'one' }] } as const
const clients = [
  readClient({ ...common, client_id: 'standard', public: true }),
  readClient({ ...common, client_id: 'fapi', jwks, profile: 'fapi2' }),
]

function floor(profile: 'standard' | 'fapi2', environment: 'production' | 'test') {
  const sam = { call: async () => ({ environment }) } as unknown as Pick<Sam, 'call'> // answers `info` alone
  return createLevelFloor({ profile, clients: { find: id => clients.find(one => one.id === id) }, sam })
}

describe('level 3 (T-CFG-01)', () => {
  const refused = { code: 'client-profile-too-low' }

  it('is for clients of profile fapi2 in production, and where the configuration says so', async () => {
    for (const one of [
      floor('standard', 'production'),
      floor('fapi2', 'test'),
      floor('fapi2', 'production'),
    ]) {
      await assert.rejects(one.check('standard', 3), refused)
      await assert.rejects(one.check('nobody', 3), refused)
      await one.check('fapi', 3)
      await one.check('standard', 2)
    }
    await floor('standard', 'test').check('standard', 3)
  })

  it('does not start in production without the profile', () => {
    assert.deepEqual(problemsOfProfile('standard', { environment: 'production', maxLevel: 3 }), [
      'profile: a deployment of level 3 needs fapi2',
    ])
    assert.deepEqual(problemsOfProfile('fapi2', { environment: 'production', maxLevel: 3 }), [])
    assert.deepEqual(problemsOfProfile('standard', { environment: 'production', maxLevel: 2 }), [])
    assert.deepEqual(problemsOfProfile('standard', { environment: 'test', maxLevel: 3 }), [])
  })
})
