import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Lane } from './lane.ts'

describe('a lane', () => {
  it('lets so many through at once, in the order in which they came', async () => {
    const lane = new Lane(2)
    let under = 0
    let most = 0
    const order: number[] = []
    const work = (which: number) => async () => {
      under += 1
      most = Math.max(most, under)
      await turn()
      order.push(which)
      under -= 1
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => lane.run(work(i))))
    assert.equal(most, 2)
    assert.deepEqual(
      order,
      Array.from({ length: 20 }, (_, i) => i),
    )
  })

  it('is free again after a failure', async () => {
    const lane = new Lane(1)
    const failing = lane.run(() => Promise.reject(new Error('no')))
    const next = lane.run(async () => 'yes')
    await assert.rejects(failing, /no/)
    assert.equal(await next, 'yes')
    assert.equal(await lane.run(async () => 'again'), 'again')
  })
})
