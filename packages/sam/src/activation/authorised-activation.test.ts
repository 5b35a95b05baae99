import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { approve, enrolSigner, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefuses } from '../fixture/refusals.ts'
import { bearerDigest } from '../sad/bearer.ts'
import { VerifiedUse } from '../sad/checks.ts'
import { AuthorisedActivation } from './authorised-activation.ts'

describe('the permission to sign once (EN 419 241-2, SAM-08)', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
  })
  after(() => world.store.close())

  /** A SAD in memory, and a request that it covers. */
  async function begin() {
    const { sam } = world
    const item = unseenItem()
    const approved = await approve(world, await enrolSigner(world, { level: 1 }), [item])
    const sad = sam.sads.find(bearerDigest(approved.sad)) ?? assert.fail()
    const request = signRequestFor(approved, [item.dtbsr])
    return { sad, dtbsr: item.dtbsr, use: () => VerifiedUse.check({ sam, sad, request }) }
  }

  it('is handed out the first time, and refused the second', async () => {
    const { use, dtbsr } = await begin()
    const activation = AuthorisedActivation.grant('one', use())
    assert.deepEqual(
      activation.redeem().representations.map(one => one.dtbsr),
      [dtbsr],
    )
    assertRefuses('sad-spent', () => activation.redeem())
  })

  it('takes the uses out of the SAD when it comes to be, not when it is redeemed', async () => {
    const { use, sad } = await begin()
    const verified = use()
    AuthorisedActivation.grant('one', verified)
    assert.equal(sad.remaining, 0)
    // Verified before the uses were taken: not even that brings them back.
    assert.throws(() => AuthorisedActivation.grant('two', verified), /reserved what was not checked/)
    assertRefuses('sad-spent', use)
  })
})
