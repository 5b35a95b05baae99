/** Two hundred requests at once with a SAD for one signature: one signature (T-SAD-02). */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { rounds } from '@natsuin/testing/rounds'
import { approved, assertSignatures, connectSam, openStage, type Stage, seenItems, useOf } from './stage.ts'

const REQUESTS = 200
const CONNECTIONS = 50

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

/** All at once, over many connections. */
async function race(requestIdOf: (i: number) => string) {
  const connections = Array.from({ length: CONNECTIONS }, () => connectSam(stage.deployment))
  const items = await seenItems('contract.pdf')
  const sad = await approved(stage, stage.alice, items)
  const before = stage.keyUses()
  const calls = Array.from({ length: REQUESTS }, (_, i) => {
    const connection = connections[i % connections.length] ?? stage.sam
    return connection.call('sign', useOf(sad, items, { requestId: requestIdOf(i) }))
  })
  const results = await Promise.allSettled(calls)
  for (const connection of connections) connection.close()
  const now = stage.keyUses()
  return {
    items,
    delivered: results.flatMap(one => (one.status === 'fulfilled' ? one.value.signatures : [])),
    refusals: results.flatMap(one => (one.status === 'rejected' ? [String(one.reason.code)] : [])),
    granted: now.granted - before.granted,
    completed: now.completed - before.completed,
  }
}

describe(`${REQUESTS} parallel requests with a SAD for one signature (T-SAD-02)`, () => {
  it('give exactly one signature, and refusals', async () => {
    for (let round = 0; round < rounds('race'); round++) {
      const { items, delivered, refusals, granted, completed } = await race(() => '')
      await assertSignatures(stage, stage.alice, items, delivered)
      assert.deepEqual({ granted, completed }, { granted: 1, completed: 1 })
      assert.equal(refusals.length, REQUESTS - 1)
      assert.deepEqual(new Set(refusals), new Set(['sad-spent']))
    }
  })

  it('give exactly one signature when each has an id of its own', async () => {
    const { items, delivered, refusals, granted } = await race(i => `request ${i}`)
    await assertSignatures(stage, stage.alice, items, delivered)
    assert.equal(granted, 1)
    assert.deepEqual(new Set(refusals), new Set(['sad-spent']))
  })

  it('all get the same value when they are the same request, and the key is used once (T-SAD-01)', async () => {
    const { items, delivered, granted, completed } = await race(() => 'the same')
    assert.equal(delivered.length, REQUESTS)
    const [first = new Uint8Array()] = delivered
    await assertSignatures(stage, stage.alice, items, [first])
    for (const value of delivered) assert.deepEqual(value, first)
    assert.deepEqual({ granted, completed }, { granted: 1, completed: 1 })
  })
})
