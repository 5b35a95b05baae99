import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TrustedClock } from './trusted-clock.ts'

function clockAt(floor = 0) {
  const at = { wall: 1_790_000_000_000, monotonic: 5 }
  const clocks = { wall: () => at.wall, monotonic: () => at.monotonic }
  return { at, clock: new TrustedClock({ clocks, toleranceMilliseconds: 500, floor }) }
}

describe('a clock that knows when not to be believed', () => {
  it('is believed up to its tolerance, and not beyond (T-TSA-03)', () => {
    const { at, clock } = clockAt()
    at.wall += 500
    assert.equal(clock.now()?.getTime(), at.wall)
    at.wall += 1
    assert.equal(clock.now(), undefined)
    at.wall -= 1001
    assert.equal(clock.now()?.getTime(), at.wall)
    at.wall -= 1
    assert.equal(clock.now(), undefined)
  })

  it('notices that the wall clock stands still (T-TSA-03)', () => {
    const { at, clock } = clockAt()
    at.monotonic += 501
    assert.equal(clock.now(), undefined)
  })

  it('follows a slow correction that never steps', () => {
    const { at, clock } = clockAt()
    for (let second = 0; second < 3600; second++) {
      at.monotonic += 1000
      at.wall += 1000.5
      assert.ok(clock.now() !== undefined)
    }
  })

  it('is not talked into a step by asking often (T-TSA-03)', () => {
    const { at, clock } = clockAt()
    at.wall += 10_000
    for (let second = 0; second < 600; second++) {
      at.monotonic += 1000
      at.wall += 1000
      assert.equal(clock.now(), undefined)
    }
    at.wall -= 10_000
    assert.ok(clock.now() !== undefined)
  })

  it('is not believed before an instant that has certainly passed', () => {
    const { at, clock } = clockAt(1_790_000_000_000 + 60_000)
    assert.equal(clock.now(), undefined)
    at.wall += 60_000
    at.monotonic += 60_000
    assert.ok(clock.now() !== undefined)
  })
})
