import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type CryptoModule, ModuleRefusal, openPkcs11Module } from '@natsuin/crypto-module'
import { createSoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { classOf } from '@natsuin/testing/deployment'
import {
  type Administered,
  administered,
  approvalBy,
  decide,
  problemsOf,
} from '../../fixture/administrators.ts'
import {
  ALICE,
  approve,
  attestedKey,
  certify,
  enrolRequest,
  enrolSigner,
  invite,
  newGrant,
  type Signer,
  signRequestFor,
  unseenItem,
  vouch,
} from '../../fixture/people.ts'
import { foundPlace, newFounding, type OpenPlace, openPlace, type Place } from '../../fixture/place.ts'
import { assertRefused } from '../../fixture/refusals.ts'
import { continueRotation } from './continue-rotation.ts'

type World = OpenPlace & Place & Administered

const open = async (place: Place): Promise<World> => {
  const opened = await openPlace(place)
  return { ...place, ...opened, ...administered(opened) }
}

const labelNow = async ({ channel }: World) => (await channel['master-key/read']({})).label
const masterOf = async ({ sam }: World, { credentialId }: Signer) =>
  (await sam.records.need('credential', credentialId)).key?.master
const begin = async (world: World) =>
  decide(world, { kind: 'rotate-master-key', replaces: await labelNow(world) })

async function signs({ sap }: Pick<World, 'sap'>, signer: Signer): Promise<void> {
  const item = unseenItem()
  await sap.sign(signRequestFor(await approve({ sap }, signer, [item]), [item.dtbsr]))
}

const isGone = (module: CryptoModule, label: string) =>
  assert.rejects(
    module.generateWrapped(label, 'ec-p256'),
    error => error instanceof ModuleRefusal && error.code === 'key-unknown',
  )

interface Stack {
  readonly module?: CryptoModule
  remove(): Promise<void>
}

const STACKS: Readonly<Record<string, () => Promise<Stack>>> = {
  'the software module': async () => ({ remove: async () => {} }),
  SoftHSM: async () => {
    const token = await createSoftHsmToken()
    const module = await openPkcs11Module(token.options)
    const remove = async () => {
      await module.close()
      await token.remove()
    }
    return { module, remove }
  },
}

for (const [name, createStack] of Object.entries(STACKS)) {
  describe(`another master key, with ${name} (sole-control 11)`, () => {
    let stack: Stack
    let world: World
    before(async () => {
      stack = await createStack()
      const { module } = stack
      world = await open(await foundPlace(module === undefined ? {} : { module }))
    })
    after(async () => {
      await world.store.close()
      await stack.remove()
    })

    it('takes over every key without its signer, while signing goes on; then the old one is destroyed', async () => {
      const signers = [await enrolSigner(world, { level: 1 }), await enrolSigner(world, { level: 1 })]
      const [alice = assert.fail()] = signers
      const item = unseenItem()
      const approvedBefore = signRequestFor(await approve(world, alice, [item]), [item.dtbsr])
      const old = await labelNow(world)
      await begin(world)
      const label = await labelNow(world)
      assert.notEqual(label, old)
      const later = await enrolSigner(world, { level: 1 })
      assert.deepEqual([await masterOf(world, later), await masterOf(world, alice)], [label, old])
      for (const signer of [...signers, later]) await signs(world, signer)
      await continueRotation(world.sam)
      assert.deepEqual(await world.channel['master-key/read']({}), { label })
      for (const signer of [...signers, later]) {
        assert.equal(await masterOf(world, signer), label)
        await signs(world, signer)
      }
      await world.sap.sign(approvedBefore)
      await isGone(world.module, old)
    })

    it('leaves out what was destroyed or revoked: with the old one its last copies go (T-KEY-13)', async () => {
      const destroyed = await enrolSigner(world, { level: 1 })
      const copy = (await world.sam.records.need('credential', destroyed.credentialId)).key ?? assert.fail()
      await world.sap['keys/destroy']({ credentialId: destroyed.credentialId, reason: 'requested' })
      const wrapped = { type: 'ec-p256', wrapped: copy.wrapped } as const
      // Until then the copy is worth something to whoever has the module.
      assert.ok(await world.module.signWrapped(copy.master, wrapped, []))
      await begin(world)
      await continueRotation(world.sam)
      for (const master of [copy.master, await labelNow(world)]) {
        await assert.rejects(world.module.signWrapped(master, wrapped, []), ModuleRefusal)
      }
    })

    it('is one of all the module holds, also after an attempt that came to nothing', async () => {
      await world.module.createMasterKey('natsuin-master-stray')
      await begin(world)
      await continueRotation(world.sam)
      const objects = await world.module.objects()
      assert.deepEqual(
        objects.map(({ label }) => label).filter(label => label.startsWith('natsuin-master')),
        [await labelNow(world)],
      )
    })
  })
}

describe('a rotation of the master key (sole-control 8 and 11)', () => {
  let world: World
  beforeEach(async () => {
    await world?.store.close()
    const classes = [...newFounding().founding.classes, classOf(1, { id: 'session', keys: 'one-time' })]
    world = await open(await foundPlace({ founding: { classes } }))
  })
  after(() => world.store.close())

  const restart = async () => {
    await world.store.close()
    world = await open(world)
  }
  const onDatabase = (sql: string) => {
    const database = new DatabaseSync(world.storeFile)
    database.exec(sql)
    database.close()
  }

  it('is approved by as many security officers as have to agree, and nobody else', async () => {
    const act = { kind: 'rotate-master-key', replaces: await labelNow(world) } as const
    const { proposal } = await world.channel.propose({ act, reason: 'yearly', minutes: 60 })
    assert.deepEqual([proposal?.needed, proposal?.approvers.map(({ id }) => id)], [2, ['s-1', 's-2', 's-3']])
  })

  it('replaces the key that is named, and none while another one is under way', async () => {
    const act = (replaces: string) => ({ kind: 'rotate-master-key', replaces }) as const
    assert.deepEqual(await problemsOf(world, act('other')), ['replaces: the master key is natsuin-master'])
    await begin(world)
    assert.deepEqual(await problemsOf(world, act(await labelNow(world))), [
      'keys are still being moved from under natsuin-master',
    ])
  })

  it('happens once, of two that were approved', async () => {
    const act = { kind: 'rotate-master-key', replaces: await labelNow(world) } as const
    const { proposal = assert.fail() } = await world.channel.propose({ act, reason: 'one', minutes: 60 })
    await decide(world, act)
    const late = decideOn(world, proposal.requestId)
    await assertRefused('change-refused', late)
  })

  it('goes on where a restart found it', async () => {
    const signer = await enrolSigner(world, { level: 1 })
    const old = await labelNow(world)
    await begin(world)
    await restart()
    await signs(world, signer)
    assert.equal((await world.channel['master-key/read']({})).rotation?.retiring, old)
    await continueRotation(world.sam)
    await restart()
    await continueRotation(world.sam)
    await signs(world, signer)
    assert.equal((await world.channel['master-key/read']({})).rotation, undefined)
  })

  it('does not end while a record cannot be read, and says whose; revoking it is a way out', async () => {
    const [alice, bob] = [await enrolSigner(world, { level: 1 }), await enrolSigner(world, { level: 1 })]
    onDatabase(`DELETE FROM records WHERE kind = 'credential' AND id = '${alice.credentialId}'`)
    await begin(world)
    await continueRotation(world.sam)
    const { rotation } = await world.channel['master-key/read']({})
    assert.deepEqual(rotation?.heldUp, [alice.credentialId])
    await signs(world, bob)
    await world.channel['credentials/revoke']({ credentialId: alice.credentialId, reason: 'lost' })
    world.clock.pass(60)
    await continueRotation(world.sam)
    assert.equal((await world.channel['master-key/read']({})).rotation, undefined)
    await signs(world, bob)
  })

  it('waits for keys that live for one session, which are in no record', async () => {
    const { signer, item, sad } = await openSession(world)
    await begin(world)
    await continueRotation(world.sam)
    assert.ok((await world.channel['master-key/read']({})).rotation)
    await world.sap.sign(signRequestFor(sad, [item.dtbsr]))
    assert.equal(world.sam.state.destructionOf(signer.credentialId), 'one-time')
    world.clock.pass(60)
    await continueRotation(world.sam)
    assert.equal((await world.channel['master-key/read']({})).rotation, undefined)
  })

  it('moves no key that was revoked while it was on its way', async () => {
    const signer = await enrolSigner(world, { level: 1 })
    await begin(world)
    const moving = continueRotation(world.sam)
    await world.channel['credentials/revoke']({ credentialId: signer.credentialId, reason: 'lost' })
    await moving
    world.clock.pass(60)
    await continueRotation(world.sam)
    assert.equal(await masterOf(world, signer), undefined)
  })

  it('gets along with a certificate that is linked at the same moment', async () => {
    const device = createSoftwareAuthenticator()
    const { grantId, enrolmentKey } = await invite(world, ALICE, 1)
    const enrolled = await world.sap.enrol(await enrolRequest(world, { grantId, enrolmentKey }, device))
    const { signerId, credentialId, keyAttestation: attestation } = enrolled
    await begin(world)
    const certificates = await certify(attestedKey(attestation), ALICE)
    await Promise.all([
      continueRotation(world.sam),
      world.sap['certificates/link']({ credentialId, certificates }),
    ])
    await signs(world, { device, signerId, credentialId, attestation })
  })
})

async function decideOn(world: World, requestId: string): Promise<void> {
  for (const id of ['s-1', 's-2']) {
    const person = world.people[id] ?? assert.fail()
    await world.channel.administer(await approvalBy(world, { requestId }, person))
  }
}

/** Somebody with a key for one session, who has approved. */
async function openSession(world: World) {
  const { grant: common, enrolmentKey } = newGrant(world, ALICE, 1)
  const officer = world.officers[0] ?? assert.fail()
  const approvals = [await vouch(world, officer, { ...common, credentialClass: 'session' })]
  const { grantId } = await world.sap['grants/submit']({ approvals })
  const device = createSoftwareAuthenticator()
  const enrolled = await world.sap.enrol(await enrolRequest(world, { grantId, enrolmentKey }, device))
  const { signerId, credentialId, keyAttestation: attestation } = enrolled
  const certificates = await certify(attestedKey(attestation), ALICE)
  await world.sap['certificates/link']({ credentialId, certificates })
  const signer = { device, signerId, credentialId, attestation }
  const item = unseenItem()
  return { signer, item, sad: await approve(world, signer, [item]) }
}
