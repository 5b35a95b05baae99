import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Allowances } from './allowances.ts'

describe('allowances (T-DOS-09)', () => {
  it('let a burst through, and then one in each part of the minute', () => {
    const allowances = new Allowances({ perMinute: 60, burst: 3 })
    const at = (milliseconds: number) => allowances.take('alice', milliseconds)
    assert.deepEqual([at(0), at(0), at(0)], [0, 0, 0])
    assert.equal(at(0), 1)
    assert.equal(at(999), 1)
    assert.equal(at(1000), 0)
    assert.equal(at(1000), 1)
  })

  it('never let more through in a minute than a minute allows and the burst', () => {
    const allowances = new Allowances({ perMinute: 60, burst: 10 })
    let passed = 0
    for (let now = 0; now < 60_000; now += 7) if (allowances.take('alice', now) === 0) passed++
    assert.ok(passed >= 60 && passed <= 70, String(passed))
  })

  it('say how long somebody has to wait without counting that he asked', () => {
    const allowances = new Allowances({ perMinute: 1 })
    assert.equal(allowances.wait('alice', 0), 0)
    assert.equal(allowances.take('alice', 0), 0)
    assert.equal(allowances.wait('alice', 0), 60)
    assert.equal(allowances.wait('alice', 60_000), 0)
  })

  it('count each caller alone', () => {
    const allowances = new Allowances({ perMinute: 1 })
    assert.equal(allowances.take('alice', 0), 0)
    assert.equal(allowances.take('alice', 0), 60)
    assert.equal(allowances.take('bob', 0), 0)
  })

  it('do not count whoever comes too early, so that asking again does not make it later', () => {
    const allowances = new Allowances({ perMinute: 1 })
    allowances.take('alice', 0)
    for (let i = 0; i < 1000; i++) allowances.take('alice', 1)
    assert.equal(allowances.take('alice', 60_000), 0)
  })

  it('remember so many callers and no more, those who came last', () => {
    const allowances = new Allowances({ perMinute: 1, remembered: 100 })
    for (let i = 0; i < 10_000; i++) allowances.take(`caller ${i}`, 0)
    assert.equal(allowances.size, 100)
    assert.equal(allowances.take('caller 9999', 0), 60)
    assert.equal(allowances.take('caller 0', 0), 0)
  })
})
