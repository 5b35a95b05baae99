import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { activityLeaf, commitmentText } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { approve, enrolSigner, signRequestFor, unseenItem } from '../fixture/people.ts'
import { ACTIVITY_LOG, foundPlace, openPlace } from '../fixture/place.ts'

describe('what the log says of a document (T-AUD-08)', () => {
  it('is a commitment that cannot be compared with the document, and another one for each approval', async () => {
    const place = await foundPlace()
    const world = { ...place, ...(await openPlace(place)) }
    const alice = await enrolSigner(world, { level: 2 })
    const item = unseenItem()
    for (let i = 0; i < 2; i += 1)
      await world.sap.sign(signRequestFor(await approve(world, alice, [item]), [item.dtbsr]))
    const rows = await world.store.rows(ACTIVITY_LOG, 0, 1000)
    const text = rows.map(({ leaf }) => Buffer.from(leaf).toString()).join('\n')
    for (const guess of [
      item.dtbsr,
      digestSync('sha256', item.dtbsr),
      digestSync('sha256', commitmentText(new Uint8Array(), item.dtbsr)),
    ])
      assert.ok(!text.includes(toBase64url(guess)))
    const commitments = rows
      .map(({ leaf }) => readStrictJson(leaf, activityLeaf))
      .flatMap(leaf => (leaf.event === 'granted' ? leaf.commitments.map(toBase64url) : []))
    assert.equal(new Set(commitments).size, 2)
    await world.store.close()
  })
})
