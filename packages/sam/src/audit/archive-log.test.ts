import assert from 'node:assert/strict'
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { BLOCK_LEAVES, isConsistent, peekCheckpoint } from '@natsuin/protocol/log'
import { rounds } from '@natsuin/testing/rounds'
import { approve, enrolSigner, evidenceOf, signRequestFor, unseenItem } from '../fixture/people.ts'
import { ACTIVITY_LOG, foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'
import { withArchive } from '../store/archived-store.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { Archive } from './archive.ts'
import { archiveLog } from './archive-log.ts'
import { proveConsistency } from './export.ts'
import { LogRejected } from './read-log.ts'

type World = Place & OpenPlace & { readonly inDatabase: Store }

const directoryOf = ({ folder }: Place) => join(folder, 'archive')

async function open(place: Place): Promise<World> {
  const archive = new Archive(directoryOf(place))
  const inDatabase = openSqliteStore(place.storeFile)
  const store = withArchive(inDatabase, archive)
  try {
    const opened = await openPlace(place, { store, archive, limits: { refusalsPerSecond: 10_000 } })
    return { ...place, ...opened, inDatabase }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function close({ sam, store }: World): Promise<void> {
  await closeSam(sam)
  await store.close()
}

/** A leaf each: somebody asks for what there is not. */
async function fill({ sap }: World, count: number): Promise<void> {
  const ask = () => sap['tickets/grant']({ officerId: 'nobody' }).catch(() => {})
  await Promise.all(Array.from({ length: count }, ask))
}

/** A second later, so that everything that was written is older. */
function archiveAll({ sam, clock }: World) {
  clock.pass(1)
  return archiveLog(sam, { before: clock.wall() })
}

function leavesInDatabase({ storeFile }: Place): number {
  using database = new DatabaseSync(storeFile, { timeout: 5000 })
  const { count } =
    database.prepare('SELECT count(*) AS count FROM leaves WHERE log = ?').get(ACTIVITY_LOG) ?? {}
  return Number(count)
}

const isRejected = (error: unknown) => error instanceof LogRejected

describe('an archived log (T-AUD-12)', () => {
  it('is shorter in the database, and everything is proved as before, also after a restart', async () => {
    const place = await foundPlace()
    const world = await open(place)
    const alice = await enrolSigner(world, { level: 2 })
    const item = unseenItem()
    const signed = await world.sap.sign(signRequestFor(await approve(world, alice, [item]), [item.dtbsr]))
    const kept = peekCheckpoint((await world.sap.checkpoints({})).activity)
    await fill(world, 3 * BLOCK_LEAVES)
    const before = leavesInDatabase(world)
    const { size } = await archiveAll(world)
    assert.equal(size, 3 * BLOCK_LEAVES)
    assert.equal(leavesInDatabase(world), before - size + 1)
    assert.ok((await world.sap.evidence(evidenceOf(signed))).evidence)
    const { checkpoint, proof } = await proveConsistency(world.sam, { log: ACTIVITY_LOG, size: kept.size })
    assert.ok(await isConsistent(kept, peekCheckpoint(checkpoint), proof, nodePlatform))
    await close(world)
    const again = await open(place)
    assert.ok((await again.sap.evidence(evidenceOf(signed))).evidence)
    await close(again)
  })

  it('keeps what is younger, what is not outside yet, and what does not fill a block', async () => {
    const world = await open(await foundPlace())
    await fill(world, BLOCK_LEAVES)
    const middle = world.clock.wall() + 500
    world.clock.pass(1)
    await fill(world, 2 * BLOCK_LEAVES)
    assert.deepEqual(await archiveLog(world.sam, { before: middle }), { size: BLOCK_LEAVES })
    assert.deepEqual(await archiveLog(world.sam, { before: 0 }), { size: BLOCK_LEAVES })
    await close(world)
  })

  it('goes on from where it was, however often it is archived while it is written', async () => {
    const place = await foundPlace()
    let world = await open(place)
    const times = rounds('archiving')
    for (let i = 0; i < times; i += 1) {
      const filling = fill(world, BLOCK_LEAVES + 7)
      const early = archiveAll(world)
      await Promise.all([filling, early])
      await archiveAll(world)
      if (i % 5 === 4) {
        await close(world)
        world = await open(place)
      }
    }
    assert.ok(new Archive(directoryOf(place)).size(ACTIVITY_LOG) >= times * BLOCK_LEAVES)
    await close(world)
    await close(await open(place))
  })

  it('goes on from where it was when it broke off before the database was told', async () => {
    const place = await foundPlace()
    const world = await open(place)
    await fill(world, 2 * BLOCK_LEAVES)
    const append = world.sam.logs.activity.append.bind(world.sam.logs.activity)
    world.sam.logs.activity.append = () => Promise.reject(new Error('broke off'))
    await assert.rejects(archiveAll(world), /broke off/)
    world.sam.logs.activity.append = append
    await close(world)
    const again = await open(place)
    const before = leavesInDatabase(place)
    await archiveAll(again)
    assert.equal(leavesInDatabase(place), before - 2 * BLOCK_LEAVES + 1)
    await close(again)
  })

  it('keeps a SAM from starting when its archive is missing, or was changed', async () => {
    const place = await foundPlace()
    const world = await open(place)
    await fill(world, 2 * BLOCK_LEAVES)
    await archiveAll(world)
    await close(world)
    const [piece = ''] = globSync('activity/*/*.jsonl', { cwd: directoryOf(place) })
    const file = join(directoryOf(place), piece)
    const whole = readFileSync(file, 'utf8')
    const lines = whole.split('\n')
    const changes = [
      whole.replace('person-unknown', 'person-unknowm'),
      lines.toSpliced(5, 1).join('\n'),
      lines.with(5, lines[0] ?? '').join('\n'),
      '',
    ]
    for (const change of changes) {
      writeFileSync(file, change)
      await assert.rejects(open(place), isRejected)
    }
    writeFileSync(file, whole)
    await close(await open(place))
  })

  it('is not released from the database when a piece of the archive is that of another log', async () => {
    const [other, world] = [await open(await foundPlace()), await open(await foundPlace())]
    for (const each of [other, world, world]) {
      await fill(each, BLOCK_LEAVES)
      await archiveAll(each)
    }
    await close(other)
    await fill(world, BLOCK_LEAVES)
    cpSync(directoryOf(other), directoryOf(world), { recursive: true })
    const before = leavesInDatabase(world)
    await assertRefused('log-unavailable', archiveAll(world))
    assert.equal(leavesInDatabase(world), before)
    await world.store.close()
  })

  it('is asked for in vain where there is no archive', async () => {
    const { sam, store } = await openPlace(await foundPlace())
    await assertRefused('log-unavailable', archiveLog(sam, { before: 0 }))
    await store.close()
  })

  it('ends where its pieces end, or one of them is missing', async () => {
    const directory = directoryOf(await foundPlace())
    const archive = new Archive(directory)
    assert.deepEqual(archive.rows(ACTIVITY_LOG, 0, 5), [])
    const leaves = Array.from({ length: 3 }, (_, i) => Uint8Array.of(i))
    await archive.append(ACTIVITY_LOG, leaves)
    await archive.append(ACTIVITY_LOG, leaves)
    assert.deepEqual(
      archive.rows(ACTIVITY_LOG, 1, 9).map(({ index }) => index),
      [1, 2, 3, 4, 5],
    )
    const [first = ''] = globSync('activity/*/*.jsonl', { cwd: directory }).toSorted()
    rmSync(join(directory, first))
    assert.deepEqual(new Archive(directory).rows(ACTIVITY_LOG, 0, 9), [])
    assert.equal(new Archive(directory).rows(ACTIVITY_LOG, 3, 9).length, 3)
  })

  it('is not released from the database when the database is not what was written', async () => {
    const place = await foundPlace()
    const world = await open(place)
    await fill(world, 2 * BLOCK_LEAVES)
    using database = new DatabaseSync(place.storeFile, { timeout: 5000 })
    database.exec(
      "UPDATE leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), 'unknown', 'unknowm') AS BLOB) WHERE log LIKE 'activity%' AND idx = 9",
    )
    const before = leavesInDatabase(place)
    await assertRefused('log-unavailable', archiveAll(world))
    assert.equal(leavesInDatabase(place), before)
    await world.store.close()
  })

  it('is signed: the archive is verified by itself, like an export', async () => {
    const place = await foundPlace()
    const world = await open(place)
    await fill(world, BLOCK_LEAVES)
    await archiveAll(world)
    for (const file of ['sam-key', `${ACTIVITY_LOG}/checkpoint`])
      assert.ok(existsSync(join(directoryOf(place), file)))
    await close(world)
  })
})
