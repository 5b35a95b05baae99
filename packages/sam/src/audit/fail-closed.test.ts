/** A log that cannot be written: then nothing is done that it would have to record (C-AL-3). */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { type Leaf, leaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { approve, enrolSigner, signRequestFor, unseenItem } from '../fixture/people.ts'
import { ACTIVITY_LOG, foundPlace, type OpenPlace, openPlace } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { type Note, watchModule } from '../fixture/watched.ts'

/** What SQLite says when there is no room; raised in the database itself, at every leaf. */
const FULL = `CREATE TRIGGER full BEFORE INSERT ON leaves
  BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`

async function begin() {
  const place = await foundPlace()
  const uses: Note[] = []
  const opened = await openPlace(place, { module: watchModule(place.module, uses) })
  const world = { ...place, ...opened }
  const database = new DatabaseSync(place.storeFile, { timeout: 5000 })
  return {
    world,
    uses,
    fill: () => database.exec(FULL),
    empty: () => database.exec('DROP TRIGGER full'),
    async end() {
      database.close()
      await opened.store.close()
    },
  }
}

async function leavesOf({ store }: OpenPlace): Promise<Leaf[]> {
  const rows = await store.rows(ACTIVITY_LOG, 0, 1000)
  return rows.map(row => readStrictJson(row.leaf, leaf))
}

describe('a log that cannot be written', () => {
  it('has nothing signed; once it can be, what the signer approves again', async () => {
    const { world, uses, fill, empty, end } = await begin()
    const alice = await enrolSigner(world, { level: 2 })
    const item = unseenItem()
    const request = async () => signRequestFor(await approve(world, alice, [item]), [item.dtbsr], 'one')
    const first = await request()
    fill()
    await assertRefused('log-unavailable', world.sap.sign(first))
    assert.deepEqual(uses, [])
    empty()
    const { signatures } = await world.sap.sign(await request())
    assert.deepEqual([signatures.length, uses.length], [1, 1])
    await end()
  })

  it('has nothing approved, nobody enrolled, nothing taken away', async () => {
    const { world, fill, empty, end } = await begin()
    const alice = await enrolSigner(world, { level: 2 })
    fill()
    await assertRefused('log-unavailable', approve(world, alice, [unseenItem()]))
    await assertRefused('log-unavailable', enrolSigner(world, { level: 2 }))
    const revocation = { credentialId: alice.credentialId, reason: 'lost' }
    await assertRefused('log-unavailable', world.sap['credentials/revoke'](revocation))
    empty()
    // What takes power away holds here from the moment it was asked for.
    const ask = { credentialId: alice.credentialId, clientId: 'app' }
    await assertRefused('credential-revoked', world.sap['tickets/approve'](ask))
    await world.sap['credentials/revoke'](revocation)
    await end()
  })

  it('is not written by a refusal either, which stays one', async () => {
    const { world, fill, end } = await begin()
    const before = (await leavesOf(world)).length
    fill()
    await assertRefused('person-unknown', world.sap['tickets/grant']({ officerId: 'nobody' }))
    assert.equal((await leavesOf(world)).length, before)
    await end()
  })

  it('keeps a SAM from starting', async () => {
    const { world, fill, end } = await begin()
    fill()
    await end()
    await assert.rejects(openPlace(world), /wrote nothing/)
  })
})

describe('the clock in the log (T-AUD-10)', () => {
  it('never goes back, and what was found is on record, by both clocks', async () => {
    const { world, end } = await begin()
    const ask = () => assertRefused('person-unknown', world.sap['tickets/grant']({ officerId: 'nobody' }))
    await ask()
    world.clock.setBy(-86_400)
    await ask()
    world.clock.pass(1)
    await ask()
    const leaves = (await leavesOf(world)).slice(-4)
    assert.deepEqual(
      leaves.map(({ event }) => event),
      ['refused', 'refused', 'clock-parted', 'refused'],
    )
    const times = leaves.map(({ at }) => at)
    assert.deepEqual(times, times.toSorted())
    const [, , parted] = leaves
    assert.ok(parted?.event === 'clock-parted')
    assert.ok(parted.at - parted.wall >= 86_000_000, 'what the wall clock said')
    await end()
  })
})
