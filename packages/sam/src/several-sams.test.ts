/** Two SAMs of one deployment (sole-control 10): what one gives or takes away, the other knows. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { nodePlatform } from '@natsuin/pki/node'
import { activityLog, isConsistent, peekCheckpoint } from '@natsuin/protocol/log'
import { Refusal } from '@natsuin/protocol/refusal'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { byPasskey, showMeans } from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import { proveConsistency } from './audit/export.ts'
import { LogRejected } from './audit/read-log.ts'
import type { FailpointName } from './failpoints.ts'
import { administered, amend, amending, approvalBy, decide, propose } from './fixture/administrators.ts'
import {
  ALICE,
  approval,
  approve,
  enrolRequest,
  enrolSigner,
  evidenceOf,
  invite,
  type Signer,
  signRequestFor,
  unseenItem,
} from './fixture/people.ts'
import { LOG_ORIGIN, newFolder } from './fixture/place.ts'
import { assertRefused } from './fixture/refusals.ts'
import { foundSeveral, type Several, type World } from './fixture/several.ts'
import { watchModule } from './fixture/watched.ts'
import { join } from './genesis/join.ts'
import { continueRotation } from './keys/master-key/continue-rotation.ts'
import { openPostgresStore } from './store/postgres-store.ts'

/** One note for each time that a signer's key was used. */
const uses: string[] = []
let atFailpoint: (name: FailpointName) => Promise<void> = async () => {}

describe('two SAMs on one PostgreSQL', () => {
  let several: Several
  let one: World
  let other: World
  before(async () => {
    several = await foundSeveral()
    const first = await several.start('sam-1')
    await several.stop(first)
    const module = watchModule(first.module, uses)
    const failpoint = (name: FailpointName) => atFailpoint(name)
    one = await several.start('sam-1', { module, failpoint })
    other = await several.start('sam-2', { module })
  })
  after(() => several?.close())

  const codeOf = (error: unknown) => (error instanceof Refusal ? error.code : String(error))
  async function approved(world: World, signer: Awaited<ReturnType<typeof enrolSigner>>) {
    const items = [unseenItem()]
    const sad = await approve(world, signer, items)
    return signRequestFor(
      sad,
      items.map(({ dtbsr }) => dtbsr),
      'request',
    )
  }

  it('both sign for whoever was enrolled at either', async () => {
    for (const [enrolled, signing] of [
      [one, other],
      [other, one],
    ] as const) {
      const signer = await enrolSigner(enrolled, { level: 1 })
      const { signatures } = await signing.sap.sign(await approved(signing, signer))
      assert.equal(signatures.length, 1)
    }
  })

  it('prove each other’s signatures, and repeat each other’s answers', async () => {
    const signer = await enrolSigner(one, { level: 1 })
    const request = await approved(one, signer)
    const done = await one.sap.sign(request)
    assert.deepEqual(await other.sap.sign(request), done)
    await assertRefused('sad-unknown', other.sap.sign({ ...request, requestId: 'another' }))
    const { evidence } = await other.sap.evidence(evidenceOf(done))
    assert.match(evidence.activityLog.checkpoint, /\/activity\/sam-1\n/)
  })

  it('prove that each other’s logs go on, and none that is longer than it is', async () => {
    const log = activityLog('sam-1')
    const { checkpoint, proof } = await proveConsistency(other.sam, { log, size: 1 })
    const head = peekCheckpoint(checkpoint)
    const [first = assert.fail()] = await other.store.rows(log, 0, 1)
    const known = { origin: head.origin, size: 1, rootHash: first.hash }
    assert.ok(await isConsistent(known, head, proof, nodePlatform))
    await assertRefused('log-unavailable', proveConsistency(other.sam, { log, size: head.size + 1 }))
  })

  it('spend a ticket, and a SAD, only where it was issued', async () => {
    const signer = await enrolSigner(one, { level: 1 })
    await assertRefused(
      'ticket-foreign',
      other.sap.approve(byPasskey(await approval(one, signer, [unseenItem()]))),
    )
  })

  it('sign once with one SAD, of 200 requests at both (T-SAD-02)', async () => {
    const signer = await enrolSigner(one, { level: 1 })
    for (let round = 0; round < rounds('race'); round += 1) {
      uses.length = 0
      const request = { ...(await approved(one, signer)), requestId: '' }
      const asked = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? one : other).sap.sign(request))
      const answers = await Promise.allSettled(asked)
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
      assert.equal(uses.length, 1)
    }
  })

  it('refuse at one what was revoked at the other, from the acknowledgement on', async () => {
    for (let round = 0; round < rounds('race'); round += 1) {
      const signer = await enrolSigner(one, { level: 1 })
      const request = await approved(one, signer)
      const { credentialId } = signer
      let acknowledged = false
      const revoked = other.sap['credentials/revoke']({ credentialId, reason: 'lost' }).then(() => {
        acknowledged = true
      })
      await delay(Math.random() * 300)
      const before = acknowledged
      const [outcome] = await Promise.allSettled([one.sap.sign(request)])
      await revoked
      assert.ok(!(before && outcome.status === 'fulfilled'), 'signed after the acknowledgement')
      await assertRefused('credential-revoked', one.sap.sign(request))
      await assert.rejects(other.sap.sign(request))
    }
  })

  it('release nothing that was revoked elsewhere while the module signed, or completed was written', async () => {
    for (const point of ['granted', 'module-signed', 'completed'] as const) {
      const signer = await enrolSigner(one, { level: 1 })
      const request = await approved(one, signer)
      const { credentialId } = signer
      atFailpoint = async name => {
        if (name === point) await other.sap['credentials/revoke']({ credentialId, reason: 'lost' })
      }
      await assertRefused('credential-revoked', one.sap.sign(request))
      atFailpoint = async () => {}
    }
  })

  it('enrol one person by one grant, when he tries at both at once', async () => {
    for (let round = 0; round < rounds('race'); round += 1) {
      const invitation = await invite(one, ALICE, 1)
      const requests = await Promise.all(
        [one, other].map(world => enrolRequest(world, invitation, createSoftwareAuthenticator())),
      )
      const answers = await Promise.allSettled(
        [one, other].map((world, i) => world.sap.enrol(requests[i] ?? assert.fail())),
      )
      const refused = answers.flatMap(one => (one.status === 'rejected' ? [codeOf(one.reason)] : []))
      assert.deepEqual(refused, ['grant-spent'])
    }
  })

  it('register a passkey once, with two grants at both at once', async () => {
    const device = createSoftwareAuthenticator()
    // One after the other: the officer's passkey counts.
    const invitations = [await invite(one, ALICE, 1), await invite(other, ALICE, 1)]
    const requests = await Promise.all(
      [one, other].map((world, i) => enrolRequest(world, invitations[i] ?? assert.fail(), device)),
    )
    const [first = assert.fail(), second = assert.fail()] = requests
    // With attestation "none" nothing ties the authenticator data to the challenge: it can be sent again.
    const { attestationObject } = first.means.passkey
    const passkey = { ...second.means.passkey, attestationObject }
    const { enrolmentKey } = invitations[1] ?? assert.fail()
    const copied = await showMeans(second.statement, { passkey }, enrolmentKey)
    const answers = await Promise.allSettled([one.sap.enrol(first), other.sap.enrol(copied)])
    const refused = answers.flatMap(answer => (answer.status === 'rejected' ? [codeOf(answer.reason)] : []))
    assert.deepEqual(refused, ['authenticator-registered'])
  })

  it('follow one counter: an answer at either counts at both, and one that went back is refused at both', async () => {
    const signer = await enrolSigner(one, { level: 1 })
    await approve(one, signer, [unseenItem()])
    await approve(other, signer, [unseenItem()])
    await approve(one, signer, [unseenItem()])
    const old = await approval(other, signer, [unseenItem()])
    await approve(one, signer, [unseenItem()])
    await assertRefused('counter-regression', other.sap.approve(byPasskey(old)))
  })

  it('have one roster: what is amended at one is in force at the other from the acknowledgement on (T-ADM-08)', async () => {
    const signer = await enrolSigner(one, { level: 1 })
    const request = { credentialId: signer.credentialId, clientId: 'new-client' }
    await assertRefused('client-unknown', other.sap['tickets/approve'](request))
    const [here, there] = [one, other].map(world => ({ ...world, ...administered(world) }))
    assert.ok(here !== undefined && there !== undefined)
    await amend(here, { kind: 'client-set', client: { id: 'new-client', name: 'New' } })
    await other.sap['tickets/approve'](request)
    const officer = { officerId: 'o-2' }
    await other.sap['tickets/grant'](officer)
    await amend(here, { kind: 'person-remove', personId: 'o-2' })
    await assertRefused('person-unknown', other.sap['tickets/grant'](officer))
    await amend(there, { kind: 'client-remove', clientId: 'new-client' })
    await assertRefused('client-unknown', one.sap['tickets/approve'](request))
    assert.equal(one.sam.roster.version, other.sam.roster.version)
  })

  it('amend once, of two changes of one roster that have enough approvals at both at once', async () => {
    const before = one.sam.roster.version
    const people = one.people
    const last = await Promise.all(
      [one, other].map(async (world, i) => {
        const { channel } = administered(world)
        const limits = { requestHours: 10 + i, grantHours: 10 }
        return { channel, proposal: await propose({ channel }, amending({ kind: 'limits-set', limits })) }
      }),
    )
    const approving = (at: number, id: string) => {
      const { channel, proposal } = last[at] ?? assert.fail()
      return () => approvalBy({ channel }, proposal, people[id] ?? assert.fail()).then(channel.administer)
    }
    // One after the other: a passkey counts.
    for (const at of [0, 1]) await approving(at, 's-1')()
    const both = [approving(0, 's-2'), approving(1, 's-3')]
    const answers = await Promise.allSettled(both.map(approve => approve()))
    const refused = answers.flatMap(answer => (answer.status === 'rejected' ? [codeOf(answer.reason)] : []))
    assert.deepEqual(refused, ['roster-changed'])
    const { roster } = await administered(one).channel['roster/read']({})
    assert.equal(roster.version, before + 1)
  })

  it('replace the master key together: both put new keys under the new one, and share the moving', async () => {
    const [alice, bob] = [await enrolSigner(one, { level: 1 }), await enrolSigner(other, { level: 1 })]
    const item = unseenItem()
    const approvedBefore = await approve(other, alice, [item])
    const { label: replaces } = one.sam.state.masterKey
    await decide({ ...one, ...administered(one) }, { kind: 'rotate-master-key', replaces })
    const { label } = one.sam.state.masterKey
    const carol = await enrolSigner(other, { level: 1 })
    const masterOf = async (signer: Signer) =>
      (await one.sam.records.need('credential', signer.credentialId)).key?.master
    assert.equal(await masterOf(carol), label)
    await Promise.all([one, other].map(({ sam }) => continueRotation(sam)))
    for (const { sam } of [one, other]) {
      await sam.logs.state.catchUp()
      assert.deepEqual([sam.state.masterKey.label, sam.state.masterKey.retiring], [label, undefined])
    }
    for (const signer of [alice, bob, carol]) assert.equal(await masterOf(signer), label)
    await other.sap.sign(signRequestFor(approvedBefore, [item.dtbsr]))
  })

  it('keep one state log, and each an activity log of its own', async () => {
    await Promise.all([one, other].map(({ sam }) => sam.logs.state.catchUp()))
    assert.deepEqual(one.sam.logs.state.head, other.sam.logs.state.head)
    assert.notEqual(one.sam.logs.activity.head.origin, other.sam.logs.activity.head.origin)
  })
})

describe('a SAM beside others', () => {
  it('is admitted once, under a name that none had, by a head of the state log that the SAM key signed', async () => {
    const several = await foundSeveral()
    const first = await several.start('sam-1')
    const store = await openPostgresStore(several.url)
    const { state, activity } = await first.sap.checkpoints({})
    const admit = (instance: string, checkpoint: string, folder = newFolder()) =>
      join({ ...first, store, instance, logOrigin: LOG_ORIGIN, checkpointDirectory: folder, checkpoint })
    await assert.rejects(admit('sam-1', state), /there was a SAM sam-1/)
    await assert.rejects(admit('sam-2', activity), LogRejected)
    await assert.rejects(admit('sam-2', state.replace(/\n\d+\n/, '\n1\n')), LogRejected)
    const folder = newFolder()
    await admit('sam-2', state, folder)
    await assert.rejects(admit('sam-2', state, folder), /there are checkpoints/)
    await store.close()
    await several.close()
  })

  it('cannot be started under a name that another process has, and can once that one has ended', async () => {
    const several = await foundSeveral()
    const first = await several.start('sam-1')
    await assert.rejects(several.start('sam-1'), /another process runs as sam-1/)
    await several.stop(first)
    await several.stop(await several.start('sam-1'))
    await several.close()
  })

  it('that was killed does not hold up the others’ removals for longer than a lease, nor its own restart', async () => {
    const several = await foundSeveral()
    const [one, killed] = [await several.start('sam-1'), await several.start('sam-2')]
    await several.cutOff(killed)
    const { credentialId } = await enrolSigner(one, { level: 1 })
    const begun = performance.now()
    await one.sap['credentials/revoke']({ credentialId, reason: 'lost' })
    assert.ok(performance.now() - begun < 3000)
    const again = await several.start('sam-2')
    await assertRefused('credential-revoked', again.sap['tickets/approve']({ credentialId, clientId: 'app' }))
    await several.close()
  })

  it('that is cut off from the database does nothing any more once its lease has ended (T-SAD-28)', async () => {
    const several = await foundSeveral()
    const [one, isolated] = [await several.start('sam-1'), await several.start('sam-2')]
    const signer = await enrolSigner(isolated, { level: 1 })
    const items = [unseenItem()]
    const sad = await approve(isolated, signer, items)
    await several.cutOff(isolated)
    const { credentialId } = signer
    await one.sap['credentials/revoke']({ credentialId, reason: 'lost' })
    assert.ok(!isolated.sam.lease.isHeld())
    const request = signRequestFor(
      sad,
      items.map(({ dtbsr }) => dtbsr),
    )
    await assertRefused('log-unavailable', isolated.sap.sign(request))
    await several.close()
  })
})
