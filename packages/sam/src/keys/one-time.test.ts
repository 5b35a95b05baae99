import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import type { EnrolmentGrant } from '@natsuin/protocol/approval'
import { leaf } from '@natsuin/protocol/log'
import { readStrictJson } from '@natsuin/protocol/shape'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import type { FailpointName } from '../failpoints.ts'
import {
  ALICE,
  approve,
  attestedKey,
  certify,
  enrolRequest,
  newGrant,
  type Signer,
  seenItem,
  signRequestFor,
  unseenItem,
  vouch,
} from '../fixture/people.ts'
import { foundPlace, newFounding, type OpenPlace, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { closeSam } from '../open-sam.ts'
import { endOverdueSessions } from './end-session.ts'

const HOUR = 3600

describe('keys for one session (TS 119 431-1, SIG-6.3.1-11 to SIG-6.3.1-14)', () => {
  let world: OpenPlace & Place
  let atFailpoint: (name: FailpointName) => Promise<void> = async () => {}
  before(async () => {
    const classes = newFounding().founding.classes.map(one => ({ ...one, keys: 'one-time' as const }))
    const place = await foundPlace({ founding: { classes } })
    world = { ...place, ...(await openPlace(place, { failpoint: name => atFailpoint(name) })) }
  })
  after(() => world.store.close())

  async function begin(level: 1 | 3 = 1, identifiedSecondsAgo = 60) {
    const { grant: common, enrolmentKey } = newGrant(world, ALICE, level)
    const completedAt = Math.floor(world.clock.wall() / 1000) - identifiedSecondsAgo
    const grant: EnrolmentGrant = { ...common, proofing: { ...common.proofing, completedAt } }
    const approvals = []
    for (const officer of world.officers.slice(0, level === 3 ? 2 : 1)) {
      approvals.push(await vouch(world, officer, grant))
    }
    const { grantId } = await world.sap['grants/submit']({ approvals })
    const device = createSoftwareAuthenticator()
    const request = await enrolRequest(world, { grantId, enrolmentKey }, device)
    return { device, request }
  }

  /** Identified, enrolled, certified. */
  async function signer(level: 1 | 3 = 1, identifiedSecondsAgo = 60): Promise<Signer> {
    const { device, request } = await begin(level, identifiedSecondsAgo)
    const { signerId, credentialId, keyAttestation: attestation } = await world.sap.enrol(request)
    const certificates = await certify(attestedKey(attestation), ALICE)
    await world.sap['certificates/link']({ credentialId, certificates })
    return { device, signerId, credentialId, attestation }
  }

  const wrappedOf = async (credentialId: string) =>
    (await world.sam.records.need('credential', credentialId)).key

  it('sign what was approved, and are gone with the last of it', async () => {
    const alice = await signer(3)
    const items = [await seenItem(), await seenItem()]
    const [one, other] = items.map(({ dtbsr }) => dtbsr)
    assert.ok(one && other)
    const sad = await approve(world, alice, items)
    const first = signRequestFor(sad, [one], 'first')
    const { signatures } = await world.sap.sign(first)
    assert.equal(world.sam.state.destructionOf(alice.credentialId), undefined)
    await world.sap.sign(signRequestFor(sad, [other]))
    assert.equal(world.sam.state.destructionOf(alice.credentialId), 'one-time')
    await assertRefused('key-destroyed', approve(world, alice, [await seenItem()]))
    assert.deepEqual((await world.sap.sign(first)).signatures, signatures)
  })

  it('sign all that was approved, also when it is asked for at once', async () => {
    const alice = await signer()
    const items = Array.from({ length: 5 }, () => unseenItem())
    const sad = await approve(world, alice, items)
    await Promise.all(items.map(({ dtbsr }) => world.sap.sign(signRequestFor(sad, [dtbsr]))))
    assert.equal(world.sam.state.destructionOf(alice.credentialId), 'one-time')
  })

  it('are written nowhere, even wrapped', async () => {
    const { credentialId } = await signer()
    assert.equal(await wrappedOf(credentialId), undefined)
    assert.equal((await world.sam.records.need('credential', credentialId)).keys, 'one-time')
  })

  it('take one approval and no second', async () => {
    const alice = await signer()
    const item = unseenItem()
    const sad = await approve(world, alice, [item])
    await assertRefused('session-ended', approve(world, alice, [unseenItem()]))
    await world.sap.sign(signRequestFor(sad, [item.dtbsr]))
  })

  it('end two hours after the person was identified, half an hour at level 3', async () => {
    for (const [level, seconds] of [
      [1, 2 * HOUR],
      [3, HOUR / 2],
    ] as const) {
      const [late, lazy] = [await signer(level, seconds - 30), await signer(level, seconds - 30)]
      const item = await seenItem()
      const sad = await approve(world, late, [item])
      world.clock.pass(30)
      await assertRefused('session-ended', world.sap.sign(signRequestFor(sad, [item.dtbsr])))
      await assertRefused('session-ended', approve(world, lazy, [await seenItem()]))
      await endOverdueSessions(world.sam)
      for (const { credentialId } of [late, lazy]) {
        assert.equal(world.sam.state.destructionOf(credentialId), 'one-time')
      }
    }
  })

  it('are not made when the session would be over', async () => {
    await assertRefused('proofing-out-of-time', world.sap.enrol((await begin(1, 2 * HOUR)).request))
    await assertRefused('proofing-out-of-time', world.sap.enrol((await begin(3, HOUR / 2)).request))
    await world.sap.enrol((await begin(3, HOUR / 2 - 1)).request)
  })

  it('are logged with the SAM that holds them, and their end', async () => {
    const alice = await signer()
    const item = unseenItem()
    const sad = await approve(world, alice, [item])
    await world.sap.sign(signRequestFor(sad, [item.dtbsr]))
    const leaves = stateLeaves().filter(
      one => 'credentialId' in one && one.credentialId === alice.credentialId,
    )
    assert.deepEqual(
      leaves.map(({ event }) => event),
      ['key-generated', 'certificate-linked', 'key-destroyed'],
    )
    assert.ok(leaves[0]?.event === 'key-generated' && leaves[0].heldBy === world.sam.identity.instance)
  })

  it('are gone with the process that held them, and the next one says so (T-KEY-14)', async () => {
    const [waiting, approved] = [await signer(), await signer()]
    const item = unseenItem()
    const sad = await approve(world, approved, [item])
    await world.store.close()
    world = { ...world, ...(await openPlace(world, { failpoint: name => atFailpoint(name) })) }
    for (const { credentialId } of [waiting, approved]) {
      assert.equal(world.sam.state.destructionOf(credentialId), 'one-time')
      assert.ok(world.sam.state.isDestructionLogged(credentialId))
    }
    await assertRefused('key-destroyed', approve(world, waiting, [unseenItem()]))
    await assertRefused('sad-unknown', world.sap.sign(signRequestFor(sad, [item.dtbsr])))
    assert.deepEqual(world.sam.state.lostWith(world.sam.identity.instance), [])
  })

  it('leave nothing when the process dies before they are in the log (T-KEY-14)', async () => {
    const { request } = await begin()
    const { size } = world.sam.logs.state
    const stopped = Promise.withResolvers<void>()
    atFailpoint = async name => {
      if (name !== 'key-generated') return
      stopped.resolve()
      await new Promise(() => {})
    }
    void world.sap.enrol(request)
    await stopped.promise
    atFailpoint = async () => {}
    assert.equal(world.sam.logs.state.size, size)
    assert.deepEqual(world.sam.oneTimeKeys.all(), [])
  })

  it('are ended by a process that ends', async () => {
    const { credentialId } = await signer()
    await closeSam(world.sam)
    const ended = stateLeaves().filter(one => one.event === 'key-destroyed')
    assert.ok(ended.some(one => one.credentialId === credentialId))
  })

  function stateLeaves() {
    const database = new DatabaseSync(world.storeFile, { readOnly: true })
    const rows = database.prepare("SELECT leaf FROM leaves WHERE log = 'state' ORDER BY idx").all()
    database.close()
    return rows.map(row => readStrictJson(row['leaf'] as Uint8Array, leaf))
  }
})
