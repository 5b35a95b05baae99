import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grouped } from './grouped.ts'

/** A writer whose writes end when the test says so. */
function slowWriter() {
  const writes: { items: readonly number[]; done: PromiseWithResolvers<void> }[] = []
  const add = grouped<number>(items => {
    const done = Promise.withResolvers<void>()
    writes.push({ items, done })
    return done.promise
  })
  return { add, writes, turn: () => new Promise(setImmediate) }
}

describe('writes that share a commit', () => {
  it('begins a lone write at once', async () => {
    const { add, writes, turn } = slowWriter()
    const written = add([1, 2])
    await turn()
    assert.deepEqual(
      writes.map(({ items }) => items),
      [[1, 2]],
    )
    writes[0]?.done.resolve()
    await written
  })

  it('puts what arrives meanwhile into the next one, in order', async () => {
    const { add, writes, turn } = slowWriter()
    const first = add([1])
    await turn()
    const others = [add([2]), add([3, 4])]
    await turn()
    assert.equal(writes.length, 1)
    writes[0]?.done.resolve()
    await first
    await turn()
    assert.deepEqual(writes[1]?.items, [2, 3, 4])
    writes[1]?.done.resolve()
    await Promise.all(others)
  })

  it('tells everybody in a group that it failed, and goes on with the next', async () => {
    const { add, writes, turn } = slowWriter()
    const failing = [add([1]), add([2])]
    await turn()
    const later = add([3])
    writes[0]?.done.reject(new Error('disk'))
    const outcomes = await Promise.allSettled(failing)
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    await turn()
    writes[1]?.done.resolve()
    await later
  })
})
