import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Breaker } from './breaker.ts'

describe('the rest that a failing token is given (T-P11-06)', () => {
  const failing = () => {
    let now = 1000
    const breaker = new Breaker(() => now)
    const pass = (milliseconds: number) => {
      now += milliseconds
    }
    return { breaker, pass }
  }
  const failUntilItRests = (breaker: Breaker): number => {
    for (let failures = 1; failures < 100; failures++) if (breaker.failed()) return failures
    throw new Error('it never rests')
  }

  it('begins after five failures in a row, and a success begins the count anew', () => {
    const { breaker } = failing()
    for (let i = 0; i < 4; i++) assert.equal(breaker.failed(), false)
    breaker.succeeded()
    assert.equal(breaker.isOpen, false)
    assert.equal(failUntilItRests(breaker), 5)
    assert.equal(breaker.isOpen, true)
  })

  it('lasts a quarter of a second, and only a trial ends it', () => {
    const { breaker, pass } = failing()
    failUntilItRests(breaker)
    assert.equal(breaker.remainingMilliseconds, 250)
    pass(100)
    assert.equal(breaker.remainingMilliseconds, 150)
    pass(1000)
    assert.equal(breaker.remainingMilliseconds, 0)
    assert.equal(breaker.isOpen, true)
    breaker.succeeded()
    assert.equal(breaker.isOpen, false)
  })

  it('is not prolonged by requests that were under way', () => {
    const { breaker, pass } = failing()
    failUntilItRests(breaker)
    pass(200)
    for (let i = 0; i < 20; i++) assert.equal(breaker.failed(), false)
    assert.equal(breaker.remainingMilliseconds, 50)
  })

  it('grows while it does not help, up to eight seconds, and is short again after a success', () => {
    const { breaker } = failing()
    failUntilItRests(breaker)
    const rests = Array.from({ length: 8 }, () => {
      breaker.failedAgain()
      return breaker.remainingMilliseconds
    })
    assert.deepEqual(rests, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000])
    breaker.succeeded()
    failUntilItRests(breaker)
    assert.equal(breaker.remainingMilliseconds, 250)
  })
})
