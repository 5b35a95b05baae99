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
