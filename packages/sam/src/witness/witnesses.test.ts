/** A SAM and its witnesses (sole-control 9 and 12): real witness processes, a SAM in this process. */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { findCosignature, originOf, peekCheckpoint, readVkey, STATE_LOG } from '@natsuin/protocol/log'
import { openWitness, type RunningWitness } from '@natsuin/testing/witness'
import { checkpointFiles } from '../audit/checkpoints.ts'
import { LogRejected } from '../audit/read-log.ts'
import { approve, enrolSigner, evidenceOf, seenItem, signRequestFor, unseenItem } from '../fixture/people.ts'
import {
  ACTIVITY_LOG,
  breakOff,
  foundPlace,
  LOG_ORIGIN,
  type OpenPlace,
  openPlace,
  type Place,
} from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'
import { checkWitnessed, type WitnessSetting } from './open-witnesses.ts'

const running: RunningWitness[] = []
after(() => Promise.all(running.map(witness => witness.stop())))

interface Witnessed extends Place {
  readonly witnesses: readonly RunningWitness[]
  readonly setting: WitnessSetting
}

async function found({ count = 1, quorum = 1 } = {}): Promise<Witnessed> {
  const place = await foundPlace()
  // The witnesses' clock is the machine's.
  place.clock.pass((Date.now() - place.clock.wall()) / 1000)
  const origins = ([STATE_LOG, ACTIVITY_LOG] as const).map(log => originOf(LOG_ORIGIN, log))
  const witnesses: RunningWitness[] = []
  for (let i = 0; i < count; i++) witnesses.push(await openWitness(place.key.spki, origins))
  running.push(...witnesses)
  const keyed = witnesses.map(async ({ url, vkey }) => ({ url, key: await readVkey(vkey, nodePlatform) }))
  return { ...place, witnesses, setting: { witnesses: await Promise.all(keyed), quorum } }
}

type World = Witnessed & OpenPlace

/** The clock of these places stands still, the witnesses' goes on. */
const limits = { driftMilliseconds: 600_000 }
const open = async (place: Witnessed, setting = place.setting): Promise<World> => ({
  ...place,
  ...(await openPlace(place, { witnesses: setting, limits })),
})

async function close({ sam, store }: OpenPlace): Promise<void> {
  await closeSam(sam)
  await store.close()
}

const outside = ({ checkpointDirectory }: Place) =>
  readFileSync(checkpointFiles(checkpointDirectory).state, 'utf8')

const whoCosigned = async ({ setting }: Witnessed, checkpoint: string) => {
  const found = setting.witnesses.map(({ key }) => findCosignature(checkpoint, key, nodePlatform))
  return (await Promise.all(found)).map(cosignature => cosignature !== undefined)
}

const revoke = ({ sap }: OpenPlace, credentialId: string) =>
  sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })

describe('a SAM with a witness', () => {
  it('acknowledges a revocation when the witness has cosigned it', async () => {
    const world = await open(await found())
    const { credentialId } = await enrolSigner(world, { level: 1 })
    await revoke(world, credentialId)
    assert.equal(peekCheckpoint(outside(world)).size, world.sam.logs.state.size)
    assert.deepEqual(await whoCosigned(world, outside(world)), [true])
    await close(world)
  })

  it('does not while the witness is away, though the credential is gone; and does when it is asked again', async () => {
    const world = await open(await found())
    const { credentialId } = await enrolSigner(world, { level: 1 })
    const [witness] = world.witnesses
    assert.ok(witness)
    await witness.process().stop()
    await assertRefused('log-unavailable', revoke(world, credentialId))
    const ticket = world.sap['tickets/approve']({ credentialId, clientId: 'app' })
    await assertRefused('credential-revoked', ticket)
    await witness.restart()
    await revoke(world, credentialId)
    assert.deepEqual(await whoCosigned(world, outside(world)), [true])
    await close(world)
  })

  it('signs while the witness is away', async () => {
    const world = await open(await found())
    const signer = await enrolSigner(world, { level: 1 })
    await world.witnesses[0]?.process().stop()
    const item = unseenItem()
    const done = await world.sap.sign(signRequestFor(await approve(world, signer, [item]), [item.dtbsr]))
    const { evidence } = await world.sap.evidence(evidenceOf(done))
    assert.deepEqual(await whoCosigned(world, evidence.activityLog.checkpoint), [false])
    await world.store.close()
  })

  it('gives evidence under heads that it cosigned', async () => {
    const world = await open(await found())
    const signer = await enrolSigner(world, { level: 1 })
    const item = unseenItem()
    const done = await world.sap.sign(signRequestFor(await approve(world, signer, [item]), [item.dtbsr]))
    const { stateLog, activityLog } = (await world.sap.evidence(evidenceOf(done))).evidence
    for (const { checkpoint } of [stateLog, activityLog]) {
      assert.deepEqual(await whoCosigned(world, checkpoint), [true])
    }
    await close(world)
  })

  it('does not start without it', async () => {
    const place = await found()
    await place.witnesses[0]?.process().stop()
    await assertRefused('log-unavailable', open(place))
  })

  it('does not start from yesterday’s database with yesterday’s copies outside (T-AUD-02)', async () => {
    const { place, putBack } = await yesterday()
    putBack()
    await assert.rejects(open(place), error => {
      assert.ok(error instanceof LogRejected)
      assert.match(error.message, /has seen \d+ leaves/)
      return true
    })
  })

  it('does not start from another history that went on without it from there (T-AUD-03)', async () => {
    const { place, putBack } = await yesterday()
    putBack()
    const fork = await open(place, { witnesses: [], quorum: 1 })
    for (let i = 0; i < 4; i++) await revoke(fork, (await enrolSigner(fork, { level: 1 })).credentialId)
    await close(fork)
    await assert.rejects(open(place), error => {
      assert.ok(error instanceof LogRejected)
      assert.match(error.message, /has seen another/)
      return true
    })
  })
})

/** What a database was with its copies outside, before a credential was revoked in it. */
async function yesterday() {
  const place = await found()
  const world = await open(place)
  const { credentialId } = await enrolSigner(world, { level: 1 })
  await close(world)
  const kept = `${place.folder}/yesterday`
  cpSync(place.storeFile, `${kept}.db`)
  cpSync(place.checkpointDirectory, kept, { recursive: true })
  const today = await open(place)
  await revoke(today, credentialId)
  await close(today)
  const putBack = () => {
    for (const suffix of ['-wal', '-shm']) rmSync(place.storeFile + suffix, { force: true })
    cpSync(`${kept}.db`, place.storeFile)
    cpSync(kept, place.checkpointDirectory, { recursive: true })
  }
  return { place, putBack }
}

describe('several witnesses', () => {
  it('need not all answer when fewer are enough', async () => {
    const world = await open(await found({ count: 2, quorum: 1 }))
    await world.witnesses[1]?.process().stop()
    await revoke(world, (await enrolSigner(world, { level: 1 })).credentialId)
    assert.deepEqual(await whoCosigned(world, outside(world)), [true, false])
    await close(world)
  })

  it('are too few when one of two that are needed is away', async () => {
    const world = await open(await found({ count: 2, quorum: 2 }))
    const { credentialId } = await enrolSigner(world, { level: 1 })
    await world.witnesses[1]?.process().stop()
    await assertRefused('log-unavailable', revoke(world, credentialId))
    await world.witnesses[1]?.restart()
    await revoke(world, credentialId)
    assert.deepEqual(await whoCosigned(world, outside(world)), [true, true])
    await close(world)
  })
})

describe('the time of a witness (sole-control 12)', () => {
  async function signsAtLevel3(world: World): Promise<void> {
    const signer = await enrolSigner(world)
    const item = await seenItem()
    await world.sap.sign(signRequestFor(await approve(world, signer, [item]), [item.dtbsr]))
  }

  it('agrees with the SAM’s at level 3', async () => {
    const world = await open(await found())
    await signsAtLevel3(world)
    await close(world)
  })

  for (const [what, seconds] of [
    ['ahead', 3600],
    ['behind', -3600],
  ] as const) {
    it(`shows that the SAM’s is an hour ${what}`, async () => {
      const place = await found()
      place.clock.setBy(seconds)
      const world = await open(place)
      await assertRefused('time-untrusted', signsAtLevel3(world))
      await breakOff(world)
    })
  }
})

describe('a production deployment of level 3', () => {
  it('needs a witness', async () => {
    const { setting } = await found()
    const demanding = { environment: 'production', maxLevel: 3 } as const
    assert.throws(() => checkWitnessed(demanding, { witnesses: [] }), /needs a witness/)
    checkWitnessed(demanding, setting)
    checkWitnessed({ ...demanding, maxLevel: 2 }, { witnesses: [] })
    checkWitnessed({ ...demanding, environment: 'test' }, { witnesses: [] })
  })
})
