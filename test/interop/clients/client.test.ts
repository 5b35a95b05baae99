import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type RealClient, resultOf } from './client.ts'

const client: RealClient = {
  name: 'a client',
  version: '1',
  speaks: 'v2',
  does: ['info', 'sign', 'revoke'],
  run: () => assert.fail('nothing is run here'),
  limits: [{ what: 'revoke', says: /204/, why: 'it knows no 204' }],
}
const outcomes = (...told: Parameters<typeof resultOf>[1]) =>
  [...resultOf(client, told).verdicts.values()].map(({ outcome }) => outcome)

describe('what a client manages', () => {
  it('is everything that it has to, and what it says nothing of has failed', () => {
    assert.deepEqual(outcomes({ what: 'info', passed: true, word: 'read' }).slice(0, 2), ['passed', 'failed'])
    assert.equal(resultOf(client, []).verdicts.get('sign')?.word, 'not reached')
  })

  it('does not count where a limit of it is known, as long as it still says so', () => {
    assert.equal(outcomes({ what: 'revoke', passed: false, word: 'unexpected 204' })[2], 'unable')
    assert.equal(outcomes({ what: 'revoke', passed: false, word: 'unexpected 500' })[2], 'failed')
    assert.equal(outcomes({ what: 'revoke', passed: true, word: 'revoked' })[2], 'failed')
  })
})
