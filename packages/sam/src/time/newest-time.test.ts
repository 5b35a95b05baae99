import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ActivityLeaf, StateLeaf } from '@natsuin/protocol/log'
import { NewestTime } from './newest-time.ts'

const HOUR = 3_600_000

const began = (at: number): ActivityLeaf => ({ event: 'began', at, bootId: 'boot', stateSize: 1 })
const refused = (at: number): ActivityLeaf => ({
  event: 'refused',
  at,
  operation: 'sign',
  reason: 'sad-expired',
})
const parted = (at: number, certain: number, instance = 'sam-1') =>
  ({ event: 'clock-parted', at, instance, wall: at, elapsed: 0, certain }) as const
const opened = (at: number, instance: string): StateLeaf => ({
  event: 'opened',
  at,
  instance,
  bootId: 'boot',
  activity: '',
  configurationDigest: new Uint8Array(32),
})

function newestOf(...leaves: readonly (ActivityLeaf | StateLeaf)[]): number {
  const newest = new NewestTime()
  for (const leaf of leaves) newest.take(leaf)
  return newest.milliseconds
}

describe('the newest time that a log shows to have come (T-DUR-06)', () => {
  it('is that of its leaves', () => {
    assert.equal(newestOf(), 0)
    assert.equal(newestOf(began(5), refused(9), refused(7)), 9)
  })

  it('is what was certain, where a SAM had seen its clocks part, for all that it wrote meanwhile', () => {
    const jumped = [refused(10 + HOUR), parted(10 + HOUR, 10), refused(20 + HOUR)]
    assert.equal(newestOf(began(5), refused(9), ...jumped), 10)
    assert.equal(newestOf(began(5), refused(9), ...jumped, began(30), refused(40)), 40)
  })

  it('is not moved by another SAM while the clocks of one are apart, and is once that one began anew', () => {
    const state = [opened(5, 'sam-1'), opened(6, 'sam-2'), parted(7 + HOUR, 7)]
    assert.equal(newestOf(...state, opened(8 + HOUR, 'sam-2')), 7)
    assert.equal(newestOf(...state, opened(8, 'sam-1'), opened(9, 'sam-2')), 9)
  })
})
