import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { type LogName, peekCheckpoint, STATE_LOG } from '@natsuin/protocol/log'
import { approve, enrolSigner, signRequestFor, unseenItem } from '../fixture/people.ts'
import { ACTIVITY_LOG, foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'
import { checkpointFiles } from './checkpoints.ts'
import { hashLeaf } from './merkle-tree.ts'
import { LogRejected } from './read-log.ts'

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

const filesOf = ({ checkpointDirectory }: Place) => checkpointFiles(checkpointDirectory)

function edit({ storeFile }: Place, sql: string): void {
  const database = new DatabaseSync(storeFile)
  database.exec(sql)
  database.close()
}

/** A leaf with its right hash after the last one, as whoever writes to the database can put it there. */
function append({ storeFile }: Place, log: LogName, leaf: Uint8Array): void {
  const database = new DatabaseSync(storeFile)
  const { next } = database.prepare('SELECT max(idx) + 1 AS next FROM leaves WHERE log = ?').get(log) ?? {}
  database
    .prepare('INSERT INTO leaves SELECT log, ?, ?, ?, head FROM leaves WHERE log = ? AND idx = ? - 1')
    .run(Number(next), leaf, hashLeaf(leaf), log, Number(next))
  database.close()
}

const askFor = ({ sap }: OpenPlace, credentialId: string) =>
  sap['tickets/approve']({ credentialId, clientId: 'app' })

const isRejected = (error: unknown) => error instanceof LogRejected

describe('a log at start (sole-control 9)', () => {
  it('is taken over when it extends the checkpoint outside, and says who opened it', async () => {
    const world = await begin()
    await end(world)
    const { size } = peekCheckpoint(readFileSync(filesOf(world).activity, 'utf8'))
    const { sam, store } = await openPlace(world)
    const rows = await store.rows(STATE_LOG, 0, 100)
    const leaves = rows.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()))
    assert.deepEqual(
      leaves.map(({ event }) => event),
      ['genesis', 'opened', 'closed', 'opened'],
    )
    const { instance, bootId } = sam.identity
    assert.deepEqual(leaves[3], { ...leaves[3], instance, bootId })
    const named = leaves.slice(1).map(({ activity }) => peekCheckpoint(activity).size)
    assert.deepEqual(named, [size, size, size + 1])
    await store.close()
  })

  it('may be longer than the checkpoint outside: the last process was killed', async () => {
    const world = await begin()
    await enrolSigner(world)
    await world.store.close()
    await (await openPlace(world)).store.close()
  })

  const LAST = "idx = (SELECT max(idx) FROM leaves WHERE log = 'state')"
  const broken: Readonly<Record<string, string>> = {
    'a leaf was changed':
      "UPDATE leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), 'opened', 'opener') AS BLOB) WHERE log = 'state' AND idx = 1",
    'a hash was changed': "UPDATE leaves SET hash = randomblob(32) WHERE log = 'state' AND idx = 1",
    'the last leaf is gone': `DELETE FROM leaves WHERE log = 'state' AND ${LAST}`,
    'a leaf in the middle is gone': "DELETE FROM leaves WHERE log = 'state' AND idx = 1",
    'all leaves are gone': 'DELETE FROM leaves',
    'two leaves changed places':
      "UPDATE leaves SET idx = CASE idx WHEN 1 THEN -2 ELSE -1 END WHERE log = 'state' AND idx IN (1, 2); UPDATE leaves SET idx = -idx WHERE idx < 0",
    'the seal on its end is gone': `UPDATE leaves SET head = NULL WHERE log = 'state' AND ${LAST}`,
    'the activity log lost its last leaf':
      "DELETE FROM leaves WHERE log LIKE 'activity/%' AND idx = (SELECT max(idx) FROM leaves WHERE log LIKE 'activity/%')",
  }
  for (const [what, sql] of Object.entries(broken)) {
    it(`is not taken over when ${what} (T-AUD-01)`, async () => {
      const world = await begin()
      await assertRefused('credential-unknown', askFor(world, 'nobody'))
      await end(world)
      edit(world, sql)
      await assert.rejects(openPlace(world), isRejected)
    })
  }

  const forged = [
    [STATE_LOG, { event: 'credential-revoked', at: 1, credentialId: 'x', reason: 'x' }],
    [ACTIVITY_LOG, { event: 'settled', at: 1, activationId: 'x', outcome: 'failed' }],
    [STATE_LOG, { event: 'of another time', at: 1 }],
  ] as const
  for (const [log, leaf] of forged) {
    it(`is not taken over with a leaf that no SAM wrote (${log})`, async () => {
      const world = await begin()
      await assertRefused('credential-unknown', askFor(world, 'nobody'))
      await end(world)
      append(world, log, utf8(JSON.stringify(leaf)))
      await assert.rejects(openPlace(world), isRejected)
    })
  }

  it('is not taken over when the activity log alone was put back, with its copy outside', async () => {
    const world = await begin()
    const { activity } = filesOf(world)
    copyFileSync(activity, `${activity}.before`)
    await assertRefused('credential-unknown', askFor(world, 'nobody'))
    await end(world)
    edit(world, "DELETE FROM leaves WHERE log LIKE 'activity/%'")
    copyFileSync(`${activity}.before`, activity)
    await assert.rejects(openPlace(world), isRejected)
  })

  it('is not taken over when it is yesterday’s, whole as that is (T-AUD-02)', async () => {
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
    for (const log of ['state', 'activity'] as const) {
      const file = filesOf(world)[log]
      const kept = readFileSync(file)
      for (const wrong of [readFileSync(filesOf(other)[log]), 'nothing']) {
        writeFileSync(file, wrong)
        await assert.rejects(openPlace(world), isRejected)
      }
      rmSync(file)
      await assert.rejects(openPlace(world), { code: 'ENOENT' })
      writeFileSync(file, kept)
    }
    await (await openPlace(world)).store.close()
  })

  it('is not taken over under the checkpoint of the other log', async () => {
    const world = await begin()
    await end(world)
    const { state, activity } = filesOf(world)
    copyFileSync(state, activity)
    await assert.rejects(openPlace(world), isRejected)
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
    await assertRefused('credential-revoked', askFor(restored, credentialId))
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
    await world.sam.checkpoints.activity.copyOutside()
    edit(
      world,
      "DELETE FROM leaves WHERE log LIKE 'activity/%' AND idx = (SELECT max(idx) FROM leaves WHERE log LIKE 'activity/%')",
    )
    await assertRefused('log-unavailable', world.sap.sign(second))
    await assertRefused('log-unavailable', world.sap['credentials/revoke']({ ...signer, reason: 'x' }))
    await world.store.close()
    await assert.rejects(openPlace(world), isRejected)
  })
})
