import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { STATE_LOG } from '@natsuin/protocol/log'
import { enrolSigner } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { includeLeaf } from './include-leaf.ts'

describe('a leaf with its path', () => {
  let world: OpenPlace & Place
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place)) }
    await enrolSigner(world)
  })
  after(() => world.store.close())

  const include = (index: number) => {
    const { store, sam } = world
    return includeLeaf({ store, log: STATE_LOG, head: sam.logs.state.head }, index)
  }
  const edit = (sql: string) => {
    using database = new DatabaseSync(world.storeFile, { timeout: 5000 })
    database.exec(sql)
  }

  it('is given for every leaf under the head', async () => {
    for (let index = 0; index < world.sam.logs.state.size; index++) {
      assert.equal((await include(index)).index, index)
    }
  })

  it('is not given for a leaf that there is not', () =>
    assertRefused('log-unavailable', include(world.sam.logs.state.size)))

  it('is not given for a leaf that somebody edited or deleted: what is left does not lead to the head (T-AUD-01)', async () => {
    edit("UPDATE leaves SET leaf = randomblob(100) WHERE log = 'state' AND idx = 1")
    await assertRefused('log-unavailable', include(1))
    edit("DELETE FROM leaves WHERE log = 'state' AND idx = 1")
    await assertRefused('log-unavailable', include(1))
  })
})
