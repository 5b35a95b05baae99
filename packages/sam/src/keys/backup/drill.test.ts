/**
 * The drill: backup, destruction of token and database, restoration to new ones (sole-control 8 and 11; threats T-SAD-27,
 * T-SEC-04, T-DUR-12).
 */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  type CryptoModule,
  createSoftwareModule,
  ModuleRefusal,
  openPkcs11Module,
  type Pkcs11ModuleOptions,
} from '@natsuin/crypto-module'
import { createSoftHsmToken } from '@natsuin/crypto-module/softhsm'
import type { SapResponse } from '@natsuin/protocol/sap'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import {
  type Administered,
  administered,
  approvalBy,
  decide,
  problemsOf,
  propose,
} from '../../fixture/administrators.ts'
import { type Custodians, gather, newCustodians } from '../../fixture/custodians.ts'
import {
  approve,
  enrolSigner,
  evidenceOf,
  type Signer,
  signRequestFor,
  unseenItem,
} from '../../fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from '../../fixture/place.ts'
import { assertRefused } from '../../fixture/refusals.ts'
import { continueRotation } from '../master-key/continue-rotation.ts'
import { addKeyWitnesses, readKeyWitnesses, witnessesByLabel } from './key-witnesses.ts'
import { leaveMark } from './restoration-mark.ts'
import { restoreKeys } from './restore-keys.ts'

const folder = temporaryFolder()

type World = OpenPlace & Place & Administered

/** A module that can be lost, and others of its kind. */
interface Machine {
  readonly module: CryptoModule
  /** The same one in a new process, which knows what is in the file alone. */
  reopen(keyWitnessFile: string): Promise<CryptoModule>
  destroy(): Promise<void>
}

async function softwareMachine(): Promise<Machine> {
  const directory = join(mkdtempSync(join(folder, 'machine-')), 'keys')
  const module = await createSoftwareModule({ directory })
  const destroy = async () => {
    await module.close()
    rmSync(directory, { recursive: true })
  }
  return { module, reopen: async () => module, destroy }
}

async function tokenMachine(): Promise<Machine> {
  const token = await createSoftHsmToken()
  const open: CryptoModule[] = []
  const start = async (witnesses: NonNullable<Pkcs11ModuleOptions['witnesses']>) => {
    const module = await openPkcs11Module({ ...token.options, witnesses })
    open.push(module)
    return module
  }
  return {
    module: await start({}),
    reopen: async file => {
      await Promise.all(open.splice(0).map(one => one.close()))
      return start(witnessesByLabel(readKeyWitnesses(file)))
    },
    destroy: async () => {
      await Promise.all(open.map(one => one.close()))
      await token.remove()
    },
  }
}

const MACHINES = { 'the software module': softwareMachine, 'SoftHSM by PKCS #11': tokenMachine }

async function start(place: Place, module: CryptoModule): Promise<World> {
  const opened = await openPlace({ ...place, module })
  return { ...place, module, ...opened, ...administered(opened) }
}

async function signs({ sap }: Pick<World, 'sap'>, signer: Signer): Promise<SapResponse<'sign'>> {
  const item = unseenItem()
  return sap.sign(signRequestFor(await approve({ sap }, signer, [item]), [item.dtbsr]))
}

async function resume(world: World): Promise<void> {
  const { pending } = await world.channel['restoration/read']({})
  assert.ok(pending)
  await decide(world, { kind: 'resume-after-restore', ...pending })
}

for (const [name, createMachine] of Object.entries(MACHINES)) {
  describe(`a backup that is needed, with ${name} (T-DUR-12)`, () => {
    let custodians: Custodians
    let machine: Machine
    let replacement: Machine
    let world: World
    let alice: Signer
    let bob: Signer
    let signed: SapResponse<'sign'>
    let approvedBefore: ReturnType<typeof signRequestFor>
    /** Copies of the database and of the heads, from a moment at which the SAM was down. */
    const copies = mkdtempSync(join(folder, 'copies-'))

    before(async () => {
      custodians = newCustodians()
      machine = await createMachine()
      const place = await foundPlace({ module: machine.module, founding: { backup: custodians.terms } })
      world = await start(place, await machine.reopen(place.keyWitnessFile))
      alice = await enrolSigner(world, { level: 1 })
      bob = await enrolSigner(world, { level: 1 })
      signed = await signs(world, alice)
      const item = unseenItem()
      approvedBefore = signRequestFor(await approve(world, alice, [item]), [item.dtbsr])
    })
    after(async () => {
      await world?.store.close()
      await replacement?.destroy()
    })

    const back = (from: string, to: string) => cpSync(from, to, { recursive: true })

    it('begins at genesis: the log has its digest, and nobody can open it alone', async () => {
      const { backup } = world
      assert.deepEqual(
        backup?.keys.map(({ label }) => label),
        ['natsuin-sam', 'natsuin-master', 'natsuin-seal'],
      )
      const events = await world.store.rows('state', 0, 2)
      assert.match(Buffer.from(events[1]?.leaf ?? []).toString(), /"keys-backed-up"/)
      await assert.rejects(
        gather(backup ? [backup] : [], custodians, ['chiyo'], world.module),
        /cannot open this/,
      )
    })

    it('is followed by the loss of everything', async () => {
      await world.store.close()
      back(world.storeFile, join(copies, 'sam.db'))
      back(world.checkpointDirectory, join(copies, 'outside'))
      world = await start(world, await machine.reopen(world.keyWitnessFile))
      // After the copies were made: what the restored state does not know.
      await world.channel['credentials/revoke']({ credentialId: bob.credentialId, reason: 'lost' })
      await world.store.close()
      await machine.destroy()
      rmSync(world.storeFile)
      rmSync(world.checkpointDirectory, { recursive: true })
      assert.equal(existsSync(world.storeFile), false)
    })

    it('is worth nothing without the module’s keys, in an empty one or one with other keys (T-SEC-04)', async () => {
      back(join(copies, 'sam.db'), world.storeFile)
      back(join(copies, 'outside'), world.checkpointDirectory)
      const empty = await createMachine()
      await assert.rejects(start(world, empty.module), /genesis did not take place/)
      await empty.module.createSigningKey('natsuin-sam', 'ec-p256')
      await empty.module.createMasterKey('natsuin-master')
      await empty.module.createMacKey('natsuin-seal')
      await assert.rejects(start(world, empty.module))
      // Records are sealed under what the module alone derives.
      assert.equal(readFileSync(world.storeFile).includes('Alice'), false)
      await empty.destroy()
    })

    it('is refused by a new module when a custodian’s part was exchanged', async () => {
      const other = await createMachine()
      const { backup } = world
      assert.ok(backup)
      const given = await gather([backup], custodians, ['chiyo', 'emi'], other.module)
      const [sam, master, seal] = given.keys
      assert.ok(sam && master && seal)
      const keys = [sam, { ...master, sent: seal.sent }, seal]
      await assert.rejects(restoreKeys(other.module, { ...given, keys }), ModuleRefusal)
      await other.destroy()
    })

    it('brings the keys back with two of three custodians, and the SAM holds still until officers agree', async () => {
      replacement = await createMachine()
      const { backup } = world
      assert.ok(backup)
      const given = await gather([backup], custodians, ['daisuke', 'emi'], replacement.module)
      await restoreKeys(replacement.module, given)
      rmSync(world.keyWitnessFile, { force: true })
      await addKeyWitnesses(world.keyWitnessFile, given.keys)
      await leaveMark(world.checkpointDirectory, given, Math.floor(world.clock.wall() / 1000))
      world = await start(world, await replacement.reopen(world.keyWitnessFile))
      await assertRefused('restore-not-approved', signs(world, alice))
      const { pending } = await world.channel['restoration/read']({})
      assert.ok(pending)
      const other = { ...pending, restorationDigest: new Uint8Array(32) }
      assert.deepEqual(await problemsOf(world, { kind: 'resume-after-restore', ...other }), [
        'restorationDigest: another restoration waits for approval',
      ])
      const proposal = await propose(world, { kind: 'resume-after-restore', ...pending })
      const [officer = assert.fail()] = [world.people['s-1']]
      await world.channel.administer(await approvalBy(world, proposal, officer))
      await assertRefused('restore-not-approved', signs(world, alice))
    })

    it('holds still after a restart too, for the same reason', async () => {
      const before = (await world.channel['restoration/read']({})).pending
      await world.store.close()
      world = await start(world, world.module)
      assert.deepEqual((await world.channel['restoration/read']({})).pending, before)
      await assertRefused('restore-not-approved', signs(world, alice))
    })

    it('goes on once they have: the same SAM key, the same signers, no SAD from before (T-SAD-27)', async () => {
      await resume(world)
      assert.deepEqual(await world.channel['restoration/read']({}), {})
      await signs(world, alice)
      await assertRefused('sad-unknown', world.sap.sign(approvedBefore))
      const { evidence } = await world.sap.evidence(evidenceOf(signed))
      assert.deepEqual(evidence.samKey, world.key.spki)
      // What was taken away after the copies is to be taken away again; the officers were told.
      await world.channel['credentials/revoke']({ credentialId: bob.credentialId, reason: 'lost' })
      await assertRefused('credential-revoked', signs(world, bob))
      await world.store.close()
      world = await start(world, await replacement.reopen(world.keyWitnessFile))
      await signs(world, alice)
    })

    it('is made of a new master key too, when a rotation asks for it, and both bring everything back', async () => {
      const { label: replaces } = await world.channel['master-key/read']({})
      await decide(world, { kind: 'rotate-master-key', replaces, backup: custodians.terms })
      await continueRotation(world.sam)
      await signs(world, alice)
      const { label } = await world.channel['master-key/read']({})
      const { backup: second } = await world.channel['backups/read']({ label })
      await world.store.close()
      const { backup: first } = world
      assert.ok(first)
      await replacement.destroy()
      replacement = await createMachine()
      const given = await gather([first, second], custodians, ['chiyo', 'daisuke'], replacement.module)
      await restoreKeys(replacement.module, given)
      await leaveMark(world.checkpointDirectory, given, Math.floor(world.clock.wall() / 1000))
      world = await start(world, await replacement.reopen(world.keyWitnessFile))
      await resume(world)
      await signs(world, alice)
    })
  })
}

describe('a backup that nobody asked for', () => {
  it('is not made: no key of the SAM ever leaves its module', async () => {
    const { backup, module } = await foundPlace()
    assert.equal(backup, undefined)
    await module.close()
  })

  it('is not made for fewer than two, one key twice, or a key that is too short', async () => {
    const { terms } = newCustodians()
    const [first = assert.fail(), second = assert.fail()] = terms.custodians
    const founding = (custodians: typeof terms.custodians, threshold = 2) =>
      foundPlace({ founding: { backup: { threshold, custodians } } })
    await assert.rejects(
      founding([first, { ...second, publicKey: first.publicKey }]),
      /two custodians with one key/,
    )
    await assert.rejects(founding([first, { ...second, id: first.id }]), /a custodian twice/)
    await assert.rejects(founding([first, second], 3), /3 custodians are needed/)
    await assert.rejects(founding([first, { id: 'x', publicKey: new Uint8Array(91) }]), /no RSA key of 3072/)
  })
})
