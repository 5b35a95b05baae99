import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { approve, enrolSigner, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'
import { LogRejected } from './open-log.ts'

type World = OpenPlace & Place

async function begin(): Promise<World> {
  const place = await foundPlace()
  return { ...place, ...(await openPlace(place)) }
}

/** Ends in order, with every leaf covered by the checkpoint outside. */
async function end({ sam, store }: World): Promise<void> {
  await closeSam(sam)
  await store.close()
}

function edit({ storeFile }: Place, sql: string): void {
  const database = new DatabaseSync(storeFile)
  database.exec(sql)
  database.close()
}

const isRejected = (error: unknown) => error instanceof LogRejected

describe('a log at start (sole-control 9)', () => {
  it('is taken over when it extends the checkpoint outside, and says who opened it', async () => {
    const world = await begin()
    await end(world)
    const checkpoint = readFileSync(world.checkpointFile, 'utf8')
    const { sam, store } = await openPlace(world)
    const rows = await store.rows(0, 100)
    const leaves = rows.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()))
    assert.deepEqual(
      leaves.map(({ event }) => event),
      ['genesis', 'opened', 'closed', 'opened'],
    )
    const { instance, bootId } = sam.identity
    assert.deepEqual(leaves[3], { ...leaves[3], instance, bootId, predecessor: checkpoint })
    await store.close()
  })

  it('may be longer than the checkpoint outside: the last process was killed', async () => {
    const world = await begin()
    await enrolSigner(world)
    await world.store.close()
    await (await openPlace(world)).store.close()
  })

  const broken: Readonly<Record<string, string>> = {
    'a leaf was changed':
      "UPDATE log SET leaf = CAST(replace(CAST(leaf AS TEXT), 'opened', 'opener') AS BLOB) WHERE idx = 1",
    'a hash was changed': 'UPDATE log SET hash = randomblob(32) WHERE idx = 1',
    'the last leaf is gone': 'DELETE FROM log WHERE idx = (SELECT max(idx) FROM log)',
    'a leaf in the middle is gone': 'DELETE FROM log WHERE idx = 1',
    'all leaves are gone': 'DELETE FROM log',
    'two leaves changed places':
      'UPDATE log SET idx = CASE idx WHEN 1 THEN -2 ELSE -1 END WHERE idx IN (1, 2); UPDATE log SET idx = -idx WHERE idx < 0',
  }
  for (const [what, sql] of Object.entries(broken)) {
    it(`is not taken over when ${what}`, async () => {
      const world = await begin()
      await end(world)
      edit(world, sql)
      await assert.rejects(openPlace(world), isRejected)
    })
  }

  it('is not taken over when it is yesterday’s, whole as that is', async () => {
    const world = await begin()
    await world.store.close()
    copyFileSync(world.storeFile, `${world.storeFile}.yesterday`)
    const today = { ...world, ...(await openPlace(world)) }
    await enrolSigner(today)
    await end(today)
    for (const suffix of ['-wal', '-shm']) rmSync(`${world.storeFile}${suffix}`, { force: true })
    copyFileSync(`${world.storeFile}.yesterday`, world.storeFile)
    await assert.rejects(openPlace(world), isRejected)
  })

  it('is not taken over under a checkpoint that another key signed, or none', async () => {
    const [world, other] = [await begin(), await begin()]
    await end(world)
    await end(other)
    copyFileSync(other.checkpointFile, world.checkpointFile)
    await assert.rejects(openPlace(world), isRejected)
    writeFileSync(world.checkpointFile, 'nothing')
    await assert.rejects(openPlace(world), isRejected)
    rmSync(world.checkpointFile)
    await assert.rejects(openPlace(world), { code: 'ENOENT' })
  })

  it('is not taken over with another roster than the one of leaf 0', async () => {
    const world = await begin()
    await end(world)
    edit(world, "UPDATE records SET sealed = zeroblob(length(sealed)) WHERE kind = 'roster'")
    await assertRefused('record-altered', openPlace(world))
  })

  it('keeps a credential revoked and a grant spent, whatever is put back into the records', async () => {
    const world = await begin()
    const signer = await enrolSigner(world)
    await world.store.close()
    copyFileSync(world.storeFile, `${world.storeFile}.before`)
    const later = { ...world, ...(await openPlace(world)) }
    const { credentialId } = signer
    await later.sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })
    await end(later)
    edit(
      world,
      `ATTACH '${world.storeFile}.before' AS before; DELETE FROM records; INSERT INTO records SELECT * FROM before.records`,
    )
    const restored = { ...world, ...(await openPlace(world)) }
    const ask = restored.sap['tickets/approve']({ credentialId, clientId: 'app' })
    await assertRefused('credential-revoked', ask)
    await restored.store.close()
  })
})

describe('a log while the SAM runs', () => {
  it('that somebody shortened stops everything until a restart, which does not take it over', async () => {
    const world = await begin()
    const signer = await enrolSigner(world, { level: 1 })
    const items = [unseenItem(), unseenItem()]
    const sad = await approve(world, signer, items)
    const [first, second] = items.map(({ dtbsr }) => signRequestFor(sad, [dtbsr]))
    assert.ok(first && second)
    await world.sap.sign(first)
    await world.sam.checkpoints.copyOutside()
    edit(world, 'DELETE FROM log WHERE idx = (SELECT max(idx) FROM log)')
    await assertRefused('log-unavailable', world.sap.sign(second))
    await assertRefused('log-unavailable', world.sap['credentials/revoke']({ ...signer, reason: 'x' }))
    await world.store.close()
    await assert.rejects(openPlace(world), isRejected)
  })
})
