import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { SapRefusal, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { classOf } from '@natsuin/testing/deployment'
import { revokeCredential } from '../credentials/revoke.ts'
import { approve, enrolSigner, type Signer, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

const LIFETIME = 120

describe('sads/extend (threats T-SAD-17)', () => {
  let world: OpenPlace & Place
  let alice: Signer
  before(async () => {
    const classes = [classOf(1, { sadSeconds: LIFETIME, maxSignatures: 20 })]
    const place = await foundPlace({ founding: { classes } })
    world = { ...place, ...(await openPlace(place)) }
    alice = await enrolSigner(world, { level: 1 })
  })
  after(() => world.store.close())

  async function approved(count: number) {
    const items = Array.from({ length: count }, () => unseenItem())
    const sad = await approve(world, alice, items)
    return { sad, dtbsrs: items.map(({ dtbsr }) => dtbsr) }
  }

  type Extended = SapResponse<'sads/extend'>

  const extension = (
    { sad, credentialId, clientId }: Extended,
    dtbsrs: readonly Uint8Array[],
    changes: Partial<SapRequest<'sads/extend'>> = {},
  ) => world.sap['sads/extend']({ sad, credentialId, clientId, dtbsrs, ...changes })

  it('T-SAD-17: gives a new SAD for the same, and the old one is dead', async () => {
    const { sad, dtbsrs } = await approved(2)
    const next = await extension(sad, dtbsrs)
    assert.notEqual(next.sad, sad.sad)
    assert.equal(next.sadId, sad.sadId)
    await assertRefused('sad-unknown', world.sap.sign(signRequestFor(sad, dtbsrs)))
    await assertRefused('sad-unknown', extension(sad, dtbsrs))
    await world.sap.sign(signRequestFor(next, dtbsrs))
  })

  it('T-SAD-17: carries over what was used: a hundred extensions sign no more than was approved', async () => {
    const { sad, dtbsrs } = await approved(3)
    let current: Extended = sad
    let signed = 0
    for (let i = 0; i < 100; i++) {
      const left = dtbsrs.slice(signed)
      if (left.length === 0) break
      current = await extension(current, left)
      if (i % 40 !== 39) continue
      await world.sap.sign(signRequestFor(current, left.slice(0, 1)))
      signed += 1
    }
    assert.equal(signed, 2)
    await assertRefused('dtbsr-not-authorised', extension(current, dtbsrs.slice(0, 1)))
    await world.sap.sign(signRequestFor(current, dtbsrs.slice(2)))
    await assertRefused('sad-spent', extension(current, dtbsrs.slice(2)))
  })

  it('T-SAD-17: never reaches beyond an hour after the approval, and an expired SAD is not extended', async () => {
    const { sad, dtbsrs } = await approved(1)
    const start = Math.floor(world.clock.wall() / 1000)
    let current: Extended = sad
    for (;;) {
      world.clock.pass(LIFETIME - 1)
      const now = Math.floor(world.clock.wall() / 1000)
      if (now >= start + 3600) break
      current = await extension(current, dtbsrs)
      assert.equal(current.expiresAt, Math.min(now + LIFETIME, start + 3600))
    }
    await assertRefused('sad-expired', extension(current, dtbsrs))
    await assertRefused('sad-expired', world.sap.sign(signRequestFor(current, dtbsrs)))
  })

  it('T-SAD-17: of twenty at once, one has a SAD', async () => {
    const { sad, dtbsrs } = await approved(1)
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => extension(sad, dtbsrs)))
    const [only, ...others] = answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
    assert.ok(only !== undefined && others.length === 0)
    await world.sap.sign(signRequestFor(only, dtbsrs))
  })

  const wrong: readonly (readonly [string, SapRefusal, Partial<SapRequest<'sads/extend'>>])[] = [
    ['what was not approved', 'dtbsr-not-authorised', { dtbsrs: [new Uint8Array(randomBytes(32))] }],
    ['another client', 'sad-other-client', { clientId: 'other' }],
    ['another credential', 'sad-other-credential', { credentialId: 'other' }],
    ['a SAD that is none', 'sad-unknown', { sad: 'none' }],
  ]
  for (const [what, code, changes] of wrong) {
    it(`refuses ${what}, and leaves the SAD as it was: ${code}`, async () => {
      const { sad, dtbsrs } = await approved(1)
      await assertRefused(code, extension(sad, dtbsrs, changes))
      await world.sap.sign(signRequestFor(sad, dtbsrs))
    })
  }

  it('refuses one more of the same than was approved', async () => {
    const item = unseenItem()
    const sad = await approve(world, alice, [item, unseenItem()])
    await assertRefused('dtbsr-not-authorised', extension(sad, [item.dtbsr, item.dtbsr]))
    await extension(sad, [item.dtbsr])
  })

  it('gives nothing for a credential that was revoked', async () => {
    const other = await enrolSigner(world, { level: 1 })
    const item = unseenItem()
    const sad = await approve(world, other, [item])
    await revokeCredential(world.sam, { credentialId: other.credentialId, reason: 'unspecified' })
    await assertRefused('credential-revoked', extension(sad, [item.dtbsr]))
  })
})
