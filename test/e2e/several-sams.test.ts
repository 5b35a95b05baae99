/**
 * Two SAM processes on one PostgreSQL and one token, behind one server (sole-control 10).
 *
 * What one gives or takes away the other knows; one that is killed, or stands still, does not stop the other and does
 * not do late what it was about to do.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { peekJws, ticket } from '@natsuin/protocol/approval'
import { type Connection, connect } from '@natsuin/protocol/node'
import { type SapMethods, sapMethods, sapRefusals } from '@natsuin/protocol/sap'
import {
  answer,
  approveStatementBytes,
  byPasskey,
  type Deployment,
  type Failpoints,
  openFailpoints,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import { readSamStore } from './invariants/observation.ts'
import { Clients, enrolPerson, newContents, Signing } from './kill/client.ts'
import { PRODUCTION } from './stacks.ts'

/** As `sam-1` and `sam-2` in tickets and logs. */
const SAMS = ['sam', 'sam-2'] as const
const REQUESTS = 200
const CONNECTIONS = 50

describe('two SAM processes on one PostgreSQL', () => {
  let ground: Awaited<ReturnType<typeof PRODUCTION.open>>
  let failpoints: Failpoints
  let deployment: Deployment
  let clients: Clients
  let alice: Signer
  const doors: Connection<SapMethods>[] = []
  before(async () => {
    ground = await PRODUCTION.open()
    failpoints = await openFailpoints()
    deployment = await startThrowaway({ ...ground.members, sams: 2, failpoints: failpoints.socket })
    clients = new Clients(deployment)
    alice = await enrolPerson(clients, 'Alice')
  })
  beforeEach(() => clients.keepCheckpoint())
  after(async () => {
    for (const door of doors) door.close()
    await deployment?.stop()
    await failpoints?.close()
    await ground?.close()
  })

  const holds = () => assert.deepEqual(clients.violations(), [])
  function doorTo(name: (typeof SAMS)[number]): Connection<SapMethods> {
    const address = { socket: join(deployment.directory, `${name}.sock`) }
    const door = connect({ methods: sapMethods, address, refusals: sapRefusals })
    doors.push(door)
    return door
  }
  const leavesOf = (log: string) => readSamStore(deployment).logs.get(log)?.length ?? 0

  /** An approval at this SAM, past `server`. */
  async function approvedAt(door: Connection<SapMethods>, signer: Signer) {
    const { credentialId, device } = signer
    const { ticket: issued, allow } = await door.call('tickets/approve', {
      credentialId,
      clientId: 'application',
    })
    const [content] = newContents(1)
    assert.ok(content)
    const { dtbsr } = content
    const statement = approveStatementBytes(issued, [{ basis: 'unseen', label: 'Deed', dtbsr }])
    const answered = answer(statement, { device, origin: deployment.urls.approval, allow })
    const { sad } = await door.call('approve', byPasskey(answered))
    clients.rememberApproval(answered, [content], true)
    const algorithms = { digestAlgorithm: 'sha256', signatureAlgorithm: 'ecdsa-sha256' } as const
    return { sad, credentialId, clientId: 'application', ...algorithms, dtbsrs: [dtbsr], requestId: '' }
  }

  /** A signature on its way whose ticket this SAM issued. */
  async function askedAt(instance: string, signer: Signer): Promise<Signing> {
    for (;;) {
      const signing = new Signing(clients, signer)
      await signing.ask()
      if (peekJws(signing.ticket, 'natsuin-ticket', ticket).instance === instance) return signing
    }
  }

  it('share the work, and each has the log of its own', async () => {
    const before = ['activity/sam-1', 'activity/sam-2'].map(leavesOf)
    for (let i = 0; i < 4; i += 1) await new Signing(clients, alice).run()
    const now = ['activity/sam-1', 'activity/sam-2'].map(leavesOf)
    assert.ok(now.every((size, i) => size > (before[i] ?? 0)))
    holds()
  })

  it('sign once with one SAD, of 200 requests over 50 connections to both (T-SAD-02)', async () => {
    const connections = Array.from({ length: CONNECTIONS }, (_, i) => doorTo(SAMS[i % 2] ?? 'sam'))
    for (let round = 0; round < rounds('race'); round += 1) {
      const request = await approvedAt(connections[round % 2] ?? assert.fail(), alice)
      const calls = Array.from({ length: REQUESTS }, (_, i) =>
        connections[i % CONNECTIONS]?.call('sign', request),
      )
      const results = await Promise.allSettled(calls)
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      const codes = results.flatMap(one => (one.status === 'rejected' ? [String(one.reason.code)] : []))
      assert.deepEqual([...new Set(codes)].sort(), ['sad-spent', 'sad-unknown'])
    }
    holds()
  })

  it('of which one was killed work on, repeat what it had finished, and go on with it when it is back', async () => {
    for (const [name, instance, other] of [
      ['sam', 'sam-1', 'sam-2'],
      ['sam-2', 'sam-2', 'sam-1'],
    ] as const) {
      const finished = await askedAt(instance, alice)
      await finished.approve()
      const values = await finished.sign()
      const open = await askedAt(instance, alice)
      await deployment.process(name).kill()
      assert.deepEqual(await finished.sign(), values)
      await assert.rejects(open.approve(), { code: 'ticket-foreign' })
      await (await askedAt(other, alice)).finish()
      for (let i = 0; i < 3; i += 1) await new Signing(clients, alice).run()
      await deployment.restart(name)
      holds()
      await (await askedAt(instance, alice)).finish()
      holds()
    }
  })

  it('of which one stands still do not wait for it, and it does not release late what was revoked meanwhile (T-DUR-08)', async () => {
    const second = doorTo('sam-2')
    for (const point of ['granted', 'module-signed', 'completed'] as const) {
      const bob = await enrolPerson(clients, `Bob at ${point}`)
      const signing = await askedAt('sam-1', bob)
      await signing.approve()
      const reached = failpoints.reached(point)
      const attempt = Promise.allSettled([signing.sign()])
      await reached
      const { pid } = deployment.process('sam')
      process.kill(pid, 'SIGSTOP')
      const begun = performance.now()
      await second.call('credentials/revoke', { credentialId: bob.credentialId, reason: 'keyCompromise' })
      assert.ok(performance.now() - begun < 5000)
      await new Signing(clients, alice).run()
      process.kill(pid, 'SIGCONT')
      failpoints.release()
      const [outcome] = await attempt
      assert.equal(outcome.status, 'rejected', `released at ${point}`)
      holds()
    }
    for (let i = 0; i < 4; i += 1) await new Signing(clients, alice).run()
    holds()
  })

  it('do nothing for a SAM that was away for longer than a lease before it has read what happened', async () => {
    const carol = await enrolPerson(clients, 'Carol')
    const first = doorTo('sam')
    const request = await approvedAt(first, carol)
    const { pid } = deployment.process('sam')
    process.kill(pid, 'SIGSTOP')
    const { credentialId } = carol
    await doorTo('sam-2').call('credentials/revoke', { credentialId, reason: 'keyCompromise' })
    await delay(1500)
    process.kill(pid, 'SIGCONT')
    await assert.rejects(first.call('sign', request), { code: 'credential-revoked' })
    holds()
  })

  it('end in order, one after the other, and start again', async () => {
    for (const name of [...SAMS, ...SAMS.toReversed()]) {
      await deployment.process(name).stop()
      assert.equal(await deployment.process(name).exited, 0)
      await new Signing(clients, alice).run()
      await deployment.restart(name)
    }
    holds()
  })
})
