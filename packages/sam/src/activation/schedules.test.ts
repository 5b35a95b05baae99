/** One SAD used by many at once, in every order that chance can think of (threats T-SAD-03, T-SAD-07). */
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { SeenItem } from '@natsuin/protocol/approval'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import {
  approve,
  attestedKey,
  enrolSigner,
  type Signer,
  seenItem,
  signRequestFor,
} from '../fixture/people.ts'
import { foundPlace, newFounding, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { watchModule } from '../fixture/watched.ts'

const uses: string[] = []
/** Whatever comes to a failpoint waits until the schedule lets it go on. */
let schedule: fc.Scheduler | undefined

describe('a SAD', () => {
  let world: OpenPlace & Place
  let alice: Signer
  before(async () => {
    const { classes } = newFounding().founding
    const many = classes.map(one => ({ ...one, maxSignatures: 50 }))
    const place = await foundPlace({ founding: { classes: many } })
    const module = watchModule(place.module, uses)
    const failpoint = async (name: string) => schedule?.schedule(Promise.resolve(), name)
    world = { ...place, ...(await openPlace(place, { module, failpoint })) }
    alice = await enrolSigner(world, { level: 2 })
  })
  after(() => world.store.close())

  const isOwn = ({ dtbs }: SeenItem, signature: Uint8Array) => {
    const spki = Buffer.from(attestedKey(alice.attestation))
    return verify('sha256', dtbs, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature)
  }
  const itemsNamed = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => seenItem(`${i}.pdf`)))

  it('gives each of up to forty calls all its signatures or none, and ten in all (T-SAD-03)', async () => {
    const call = fc.array(fc.nat(9), { minLength: 1, maxLength: 3 })
    const calls = fc.array(call, { minLength: 2, maxLength: 40 })
    let total = 0
    const property = fc.asyncProperty(fc.scheduler(), calls, async (order, asked) => {
      const items = await itemsNamed(10)
      const sad = await approve(world, alice, items)
      uses.length = 0
      schedule = order
      const begun = asked.map(async positions => {
        const chosen = positions.flatMap(at => items[at] ?? [])
        const request = signRequestFor(
          sad,
          chosen.map(({ dtbsr }) => dtbsr),
        )
        return { chosen, signatures: (await world.sap.sign(request)).signatures }
      })
      const answers = await order.waitFor(Promise.allSettled(begun))
      schedule = undefined
      const given = answers.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
      const signed = given.flatMap(({ chosen }) => chosen)
      for (const { chosen, signatures } of given) assert.equal(signatures.length, chosen.length)
      assert.equal(new Set(signed).size, signed.length, 'each at most once')
      assert.equal(uses.length, given.length, 'one use of the key for each answer')
      total += given.length
    })
    await fc.assert(property, { numRuns: rounds('schedule'), seed: seed() })
    assert.ok(total > rounds('schedule'), 'most calls were no attacks')
  })

  it('signs fifty in any order that they are asked for, each value in its place (T-SAD-07)', async () => {
    const items = await itemsNamed(50)
    const all = { minLength: items.length, maxLength: items.length }
    const property = fc.asyncProperty(fc.shuffledSubarray(items, all), async shuffled => {
      const request = signRequestFor(
        await approve(world, alice, items),
        shuffled.map(({ dtbsr }) => dtbsr),
      )
      const { signatures } = await world.sap.sign(request)
      assert.equal(signatures.length, items.length)
      for (const [i, item] of shuffled.entries()) assert.ok(isOwn(item, signatures[i] ?? new Uint8Array()))
    })
    await fc.assert(property, { numRuns: Math.ceil(rounds('schedule') / 10), seed: seed() })
  })
})
