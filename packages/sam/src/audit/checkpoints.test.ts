import assert from 'node:assert/strict'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ModuleRefusal } from '@natsuin/crypto-module'
import { nodePlatform } from '@natsuin/pki/node'
import { peekCheckpoint, STATE_LOG, verifyCheckpoint } from '@natsuin/protocol/log'
import { enrolSigner } from '../fixture/people.ts'
import { foundPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { refuse } from '../refuse.ts'
import { Checkpoints, checkpointFiles } from './checkpoints.ts'
import { LogRejected } from './read-log.ts'

/** Of the state log's head, outside the database. */
const copyOf = ({ checkpointDirectory }: Place) =>
  readFileSync(checkpointFiles(checkpointDirectory).state, 'utf8')

describe('checkpoints', () => {
  it('are signed by the SAM key over the head of what is committed, one for each log', async () => {
    const place = await foundPlace()
    const { sam, sap, store } = await openPlace(place)
    const signed = await sap.checkpoints({})
    for (const log of ['state', 'activity'] as const) {
      const head = await verifyCheckpoint(signed[log], sam.key.spki, nodePlatform)
      assert.deepEqual(head, sam.logs[log].head)
    }
    assert.deepEqual(await sap.checkpoints({}), signed)
    await store.close()
  })

  it('are copied outside before a revocation is acknowledged', async () => {
    const place = await foundPlace()
    const world = { ...place, ...(await openPlace(place)) }
    const { credentialId } = await enrolSigner(world)
    await world.sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })
    const head = await verifyCheckpoint(copyOf(place), world.sam.key.spki, nodePlatform)
    const rows = await world.store.rows(STATE_LOG, (head?.size ?? 0) - 1, 1)
    assert.match(Buffer.from(rows[0]?.leaf ?? '').toString(), /"event":"credential-revoked"/)
    await world.store.close()
  })

  it('are copied outside in order, and never an older one over a newer', async () => {
    const place = await foundPlace()
    const { sam, store } = await openPlace(place)
    const { state } = sam.logs
    const sizeOutside = () => Number(copyOf(place).split('\n')[1])
    const copies = Array.from({ length: 20 }, async (_, at) => {
      await state.append({ leaves: [{ event: 'credential-revoked', at, credentialId: 'x', reason: 'y' }] })
      const { size } = state
      await sam.checkpoints.state.copyOutside()
      assert.ok(sizeOutside() >= size)
    })
    await Promise.all(copies)
    assert.equal(sizeOutside(), state.size)
    await store.close()
  })

  it('acknowledge nothing while the copy outside cannot be written', async () => {
    const place = await foundPlace()
    const world = { ...place, ...(await openPlace(place)) }
    const { credentialId } = await enrolSigner(world)
    const revoke = () => world.sap['credentials/revoke']({ credentialId, reason: 'lost' })
    const aside = `${place.checkpointDirectory}.aside`
    renameSync(place.checkpointDirectory, aside)
    writeFileSync(place.checkpointDirectory, 'a file in the place of the directory')
    await assertRefused('log-unavailable', revoke())
    rmSync(place.checkpointDirectory)
    renameSync(aside, place.checkpointDirectory)
    await revoke()
    await world.store.close()
  })

  it('are signed again when the module was away for a moment', async () => {
    const place = await foundPlace()
    let isAway = false
    const module = new Proxy(place.module, {
      get: (target, name) => {
        if (name === 'sign' && isAway) {
          return () => Promise.reject(new ModuleRefusal('module-unavailable', 'the token was pulled out'))
        }
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    // Nothing else may make the log grow: a new head would be signed anyway.
    const world = { ...place, ...(await openPlace(place, { module, limits: { refusalsPerSecond: 0 } })) }
    const { credentialId } = await enrolSigner(world)
    isAway = true
    const revoke = () => world.sap['credentials/revoke']({ credentialId, reason: 'lost' })
    // The leaf is written and memory refuses; what is missing is the copy outside, and so the acknowledgement.
    await assertRefused('module-unavailable', revoke())
    isAway = false
    await revoke()
    const { key, logs } = world.sam
    assert.deepEqual(await verifyCheckpoint(copyOf(place), key.spki, nodePlatform), logs.state.head)
    await world.store.close()
  })

  describe('with a witness that has seen more', () => {
    async function begin(catchUp?: () => Promise<void>) {
      const place = await foundPlace()
      const { sam, store } = await openPlace(place)
      const told: string[] = []
      let seen = Number.POSITIVE_INFINITY
      let broken: Error | undefined
      const checkpoints = new Checkpoints({
        journal: sam.logs.state,
        key: sam.key,
        file: `${place.folder}/copy.txt`,
        witnesses: {
          async cosign(checkpoint) {
            if (broken !== undefined) throw broken
            if (peekCheckpoint(checkpoint).size < seen) throw new LogRejected('it has seen more')
            return checkpoint
          },
          ...(catchUp && { catchUp }),
          onRejected: ({ message }) => told.push(message),
        },
      })
      const expect = (size: number) => (seen = size)
      const breakDown = (error: Error) => (broken = error)
      return { sam, store, told, checkpoints, expect, breakDown }
    }

    it('or does not answer: the head goes without it, which a defect does not', async () => {
      const { sam, store, checkpoints, breakDown } = await begin()
      const { size } = sam.logs.state
      breakDown(refuse('log-unavailable'))
      assert.equal(peekCheckpoint(await checkpoints.covering(size)).size, size)
      breakDown(new TypeError('x is not a function'))
      await assert.rejects(checkpoints.covering(size), TypeError)
      await store.close()
    })

    it('is right when another SAM wrote it: that is read, and the longer log is cosigned', async () => {
      let grow = async () => {}
      const { sam, store, told, checkpoints, expect } = await begin(() => grow())
      const { state } = sam.logs
      expect(state.size + 1)
      grow = async () =>
        void (await state.append({
          leaves: [{ event: 'credential-revoked', at: 1, credentialId: 'x', reason: 'y' }],
        }))
      await checkpoints.copyOutside()
      assert.equal(checkpoints.copied, state.size)
      assert.deepEqual(told, [])
      await store.close()
    })

    it('is the end of the log when nobody did', async () => {
      const { store, told, checkpoints } = await begin(async () => {})
      await assert.rejects(checkpoints.copyOutside(), LogRejected)
      assert.deepEqual(told, ['it has seen more'])
      await store.close()
    })
  })
})
