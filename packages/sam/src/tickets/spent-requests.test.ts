import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SpentRequests } from './spent-requests.ts'

const request = { clientId: 'portal', jti: 'one', expiresAt: 1000 }
const spent = { code: 'request-object-spent' }

describe('request objects that were approved', () => {
  it('are refused from then on, whatever else is spent meanwhile', () => {
    const requests = new SpentRequests()
    requests.checkUnused(request)
    requests.spend(request, 900)
    requests.spend({ ...request, jti: 'two' }, 900)
    assert.throws(() => requests.checkUnused(request), spent)
    assert.throws(() => requests.spend(request, 900), spent)
  })

  it('are told apart by client and id together', () => {
    const requests = new SpentRequests()
    requests.spend(request, 900)
    requests.checkUnused({ ...request, clientId: 'other' })
    requests.checkUnused({ clientId: 'portal\none', jti: '', expiresAt: 1000 })
    assert.throws(() => requests.checkUnused({ ...request, expiresAt: 2000 }), spent)
  })

  it('are remembered until no ticket can be left that was issued while they were fresh', () => {
    const requests = new SpentRequests()
    const { expiresAt } = requests.spend(request, 900)
    assert.equal(expiresAt, 1000 + 3600)
    requests.spend({ ...request, jti: 'two' }, 4599)
    assert.throws(() => requests.checkUnused(request), spent)
    requests.spend({ ...request, jti: 'three' }, 4600)
    requests.checkUnused(request)
  })
})
