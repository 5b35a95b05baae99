import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HandClock } from '../fixture/place.ts'
import { assertRefuses } from '../fixture/refusals.ts'
import { SamTime } from './sam-time.ts'

const LIMITS = { driftMilliseconds: 2000 }
const start = (clock: HandClock, notBefore = 0) => new SamTime(clock, LIMITS, notBefore)

describe('the SAM’s time (sole-control 12)', () => {
  it('is the wall clock’s', () => {
    const clock = new HandClock()
    const time = start(clock)
    clock.pass(90)
    assert.equal(time.milliseconds(), clock.wall())
    assert.equal(time.seconds(), Math.floor(clock.wall() / 1000))
    time.checkTrusted(3)
  })

  it('never goes back', () => {
    const clock = new HandClock()
    const time = start(clock)
    clock.pass(60)
    const seen = time.milliseconds()
    clock.setBy(-30)
    assert.equal(time.milliseconds(), seen)
  })

  it('goes on by the monotonic clock while the wall clock stands still or was set back, and meets it again', () => {
    const clock = new HandClock()
    const time = start(clock)
    const began = time.milliseconds()
    for (let second = 0; second < 100; second++) {
      clock.pass(1)
      clock.setBy(-1)
      time.milliseconds()
    }
    assert.ok(Math.abs(time.milliseconds() - began - 100_000) <= 51)
    clock.pass(100_000)
    time.milliseconds()
    clock.setBy(100)
    clock.pass(1)
    assert.equal(time.milliseconds(), clock.wall())
  })

  it('follows a wall clock that jumps ahead, and does not take what it says for certain (T-DUR-06)', () => {
    const clock = new HandClock()
    const time = start(clock)
    clock.pass(10)
    const before = time.milliseconds()
    clock.setBy(3600)
    clock.pass(10)
    assert.equal(time.milliseconds(), before + 3_610_000)
    assert.ok(Math.abs(time.certainMilliseconds() - before - 10_000) <= 6)
    clock.setBy(-3600)
    assert.ok(time.milliseconds() >= before + 3_609_000)
    assert.ok(time.certainMilliseconds() < before + 10_001)
  })

  it('takes steps within the limit for certain, and no sum of them that is beyond it', () => {
    const clock = new HandClock()
    const time = start(clock)
    clock.setBy(1.5)
    assert.equal(time.certainMilliseconds(), clock.wall())
    clock.setBy(1.5)
    assert.equal(time.certainMilliseconds(), clock.wall() - 1500)
  })

  it('finds what a witness says to be certain, when that is behind', () => {
    const clock = new HandClock()
    const time = start(clock)
    const asked = time.milliseconds()
    time.compare(asked, Math.floor(asked / 1000))
    assert.equal(time.certainMilliseconds(), asked)
    time.compare(asked, Math.floor(asked / 1000) - 60)
    assert.ok(time.certainMilliseconds() <= asked - 59_000)
    assertRefuses('time-untrusted', () => time.checkTrusted(3))
  })

  it('is not trusted at level 3 from the moment the clocks parted, and is at lower levels', () => {
    const clock = new HandClock()
    const time = start(clock)
    clock.setBy(2)
    time.checkTrusted(3)
    clock.setBy(0.1)
    assertRefuses('time-untrusted', () => time.checkTrusted(3))
    clock.setBy(-2.1)
    assertRefuses('time-untrusted', () => time.checkTrusted(3))
    time.checkTrusted(2)
    time.checkTrusted(1)
  })

  it('allows for what a clock is slewed by in the long run', () => {
    const clock = new HandClock()
    const time = start(clock)
    for (let day = 0; day < 10; day++) {
      clock.pass(86_400)
      clock.setBy(40)
      time.checkTrusted(3)
    }
  })

  it('is not trusted at level 3 when the log is from later', () => {
    const clock = new HandClock()
    start(clock, clock.wall() + 1999).checkTrusted(3)
    const time = start(clock, clock.wall() + 10_000)
    assertRefuses('time-untrusted', () => time.checkTrusted(3))
    assert.equal(time.milliseconds(), clock.wall() + 10_000)
  })
})
