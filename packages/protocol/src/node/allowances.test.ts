import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Allowances, callerAt } from './allowances.ts'

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

describe('a caller by address', () => {
  const same = [
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['2001:db8:0:1::1', '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff'],
    ['2001:db8::', '2001:db8::1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80::2'],
  ] as const
  for (const [one, other] of same) {
    it(`is the same at ${one} and at ${other}`, () => assert.equal(callerAt(one), callerAt(other)))
  }

  const different = [
    ['127.0.0.1', '127.0.0.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['::1', '127.0.0.1'],
  ] as const
  for (const [one, other] of different) {
    it(`is another at ${one} than at ${other}`, () => assert.notEqual(callerAt(one), callerAt(other)))
  }
})
