import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { isConsistent, peekCheckpoint, STATE_LOG } from '@natsuin/protocol/log'
import { issuing } from '@natsuin/testing/pki'
import { proveConsistency } from '../audit/export.ts'
import {
  approve,
  enrolSigner,
  evidenceOf,
  type Signer,
  signRequestFor,
  unseenItem,
} from '../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'
import { eraseSigner } from './erase-signer.ts'

type World = Place & OpenPlace

async function begin(): Promise<World> {
  const place = await foundPlace()
  return { ...place, ...(await openPlace(place)) }
}

async function sign(world: World, signer: Signer) {
  const item = unseenItem()
  return world.sap.sign(signRequestFor(await approve(world, signer, [item]), [item.dtbsr]))
}

/** Seven years after the last certificate, and a day. */
function letRetentionEnd({ clock }: Place): void {
  clock.pass((issuing.certificate.notAfter.getTime() - clock.wall()) / 1000 + (2557 + 1) * 86_400)
}

function idsIn({ storeFile }: Place): string[] {
  using database = new DatabaseSync(storeFile, { timeout: 5000 })
  return database
    .prepare('SELECT kind, id FROM records')
    .all()
    .map(({ kind, id }) => `${kind} ${id}`)
}

describe('the erasure of a signer (C-AL-6, T-AUD-08)', () => {
  it('takes away everything that is kept of him, and of nobody else; every proof stays valid', async () => {
    const world = await begin()
    const before = idsIn(world).length
    const bob = await enrolSigner(world, { level: 2 })
    const bobSigned = await sign(world, bob)
    const between = idsIn(world)
    const alice = await enrolSigner(world, { level: 2 })
    const signed = await sign(world, alice)
    const kept = peekCheckpoint((await world.sap.checkpoints({})).state)
    letRetentionEnd(world)
    await eraseSigner(world.sam, { signerId: alice.signerId })
    // What must not be registered again stays known by its digest.
    const left = idsIn(world).filter(name => !between.includes(name))
    assert.deepEqual(
      left.map(name => name.split(' ')[0]),
      ['authenticator'],
    )
    assert.ok(between.length > before)
    await assertRefused('activation-unknown', world.sap.evidence(evidenceOf(signed)))
    assert.ok((await world.sap.evidence(evidenceOf(bobSigned))).evidence)
    const { checkpoint, proof } = await proveConsistency(world.sam, { log: STATE_LOG, size: kept.size })
    assert.ok(await isConsistent(kept, peekCheckpoint(checkpoint), proof, nodePlatform))
    await closeSam(world.sam)
    await world.store.close()
    await (await openPlace(world)).store.close()
  })

  it('is refused while anybody may have to rely on what he signed', async () => {
    const world = await begin()
    const { signerId, credentialId } = await enrolSigner(world, { level: 2 })
    await world.sap['credentials/revoke']({ credentialId, reason: 'left' })
    await assertRefused('retention-running', eraseSigner(world.sam, { signerId }))
    letRetentionEnd(world)
    await eraseSigner(world.sam, { signerId })
    await assertRefused('person-unknown', eraseSigner(world.sam, { signerId }))
    await world.store.close()
  })

  it('erases nothing when it cannot be recorded', async () => {
    const world = await begin()
    const { signerId } = await enrolSigner(world, { level: 2 })
    letRetentionEnd(world)
    const before = idsIn(world)
    using database = new DatabaseSync(world.storeFile, { timeout: 5000 })
    database.exec("CREATE TRIGGER full BEFORE INSERT ON leaves BEGIN SELECT RAISE(ABORT, 'full'); END")
    await assert.rejects(eraseSigner(world.sam, { signerId }))
    assert.deepEqual(idsIn(world), before)
    await world.store.close()
  })
})
