import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ModuleRefusal } from '@natsuin/crypto-module'
import { nodePlatform } from '@natsuin/pki/node'
import { verifyCheckpoint } from '@natsuin/protocol/log'
import { enrolSigner } from '../fixture/people.ts'
import { foundPlace, openPlace } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

describe('checkpoints', () => {
  it('are signed by the SAM key over the head of what is committed', async () => {
    const place = await foundPlace()
    const { sam, sap, store } = await openPlace(place)
    const { checkpoint } = await sap.checkpoint({})
    const head = await verifyCheckpoint(checkpoint, sam.key.spki, nodePlatform)
    assert.deepEqual(head, sam.journal.head)
    assert.equal((await sap.checkpoint({})).checkpoint, checkpoint)
    await store.close()
  })

  it('are copied outside before a revocation is acknowledged', async () => {
    const place = await foundPlace()
    const world = { ...place, ...(await openPlace(place)) }
    const { credentialId } = await enrolSigner(world)
    await world.sap['credentials/revoke']({ credentialId, reason: 'keyCompromise' })
    const copy = readFileSync(place.checkpointFile, 'utf8')
    const head = await verifyCheckpoint(copy, world.sam.key.spki, nodePlatform)
    const rows = await world.store.rows((head?.size ?? 0) - 1, 1)
    assert.match(Buffer.from(rows[0]?.leaf ?? '').toString(), /"event":"credential-revoked"/)
    await world.store.close()
  })

  it('are copied outside in order, and never an older one over a newer', async () => {
    const place = await foundPlace()
    const { sam, store } = await openPlace(place)
    const copies = Array.from({ length: 20 }, async (_, at) => {
      await sam.journal.append({ leaves: [{ event: 'closed', at, bootId: 'x' }] })
      const { size } = sam.journal.head
      await sam.checkpoints.copyOutside()
      assert.ok(Number(readFileSync(place.checkpointFile, 'utf8').split('\n')[1]) >= size)
    })
    await Promise.all(copies)
    assert.equal(Number(readFileSync(place.checkpointFile, 'utf8').split('\n')[1]), sam.journal.head.size)
    await store.close()
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
    const copy = readFileSync(place.checkpointFile, 'utf8')
    assert.deepEqual(await verifyCheckpoint(copy, world.sam.key.spki, nodePlatform), world.sam.journal.head)
    await world.store.close()
  })
})
