/** `kill -9` on the embedded default: during signatures (every process, every point) and during enrolments. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { PageRefused, type Signer } from '@natsuin/testing/deployment'
import { readCertificates } from './invariants/observation.ts'
import { describeKills, holds, killAt, type Scene, setScene, strike } from './kill/cases.ts'
import { Enrolling, Signing } from './kill/client.ts'
import { holdWriteLock, isBeingWritten, setTrap } from './kill/store-holds.ts'
import { EMBEDDED } from './stacks.ts'

describeKills(EMBEDDED)

describe('kill -9 during an enrolment', () => {
  let scene: Scene
  let person: Enrolling
  let names = 0
  const authoritiesStore = () => join(scene.deployment.directory, 'authorities', 'authorities.db')
  const samStore = () => join(scene.deployment.directory, 'sam', 'sam.db')
  const certificates = () => readCertificates(scene.deployment)

  before(async () => {
    scene = await setScene()
  })
  beforeEach(async () => {
    scene.clients.keepCheckpoint()
    names += 1
    person = new Enrolling(scene.clients, `Person ${names}`)
    await person.beInvited()
    await person.openPage()
  })
  after(() => strike(scene))

  /** The person is enrolled, once, and the key is theirs. */
  const worksFor = async (signer: Signer) => {
    holds(scene)
    await new Signing(scene.clients, signer).run()
    holds(scene)
  }

  /** Waits until the process is where it is held. */
  const until = async (isThere: () => boolean) => {
    for (const end = Date.now() + 20_000; !isThere(); await delay(5))
      assert.ok(Date.now() < end, 'the process never came there')
  }

  /** Submits, kills the authorities while the trap holds them, and lets them start again. */
  const killInTrap = async (event: 'INSERT' | 'UPDATE', isThere: () => boolean) => {
    using _ = setTrap(authoritiesStore(), event, 'certificate')
    const attempt = Promise.allSettled([person.submit()])
    // In this order: what is seen as committed is not what is being written.
    await until(() => isThere() && isBeingWritten(authoritiesStore()))
    await scene.deployment.process('authorities').kill()
    const [first] = await attempt
    assert.equal(first.status, 'rejected')
  }
  const prepared = () => certificates().filter(({ state }) => state === 'prepared')

  it('of authorities while they prepare a certificate: nothing is on record, and the retry gets one', async () => {
    const known = certificates().length
    await killInTrap('INSERT', () => true)
    assert.equal(certificates().length, known)
    await scene.deployment.restart('authorities')
    await worksFor(await person.submit())
  })

  it('of authorities after they prepared and signed: the retry gets a certificate with the same serial', async () => {
    await killInTrap('UPDATE', () => prepared().length > 0)
    const [record, ...others] = prepared()
    assert.deepEqual(others, [])
    await scene.deployment.restart('authorities')
    await worksFor(await person.submit())
    const issued = certificates().find(({ keyDigest }) => keyDigest === record?.keyDigest)
    assert.deepEqual({ ...issued }, { ...record, state: 'issued' })
  })

  it('of authorities after they issued, before the certificate is linked: it is linked without them', async () => {
    const known = certificates().length
    const reached = scene.failpoints.reached('enrolled')
    const attempt = Promise.allSettled([person.submit()])
    await reached
    {
      using _ = holdWriteLock(samStore())
      scene.failpoints.release()
      await until(() => certificates().length > known && prepared().length === 0)
      await scene.deployment.process('authorities').kill()
    }
    const [first] = await attempt
    assert.ok(first.status === 'fulfilled', String(first.status === 'rejected' && first.reason))
    await scene.deployment.restart('authorities')
    assert.equal(certificates().length, known + 1)
    await worksFor(first.value)
  })

  it('of authorities after the certificate was linked: the enrolment goes on without them', async () => {
    const first = await killAt(scene, 'authorities', 'certificate-linked', () => person.submit())
    assert.ok(first.status === 'fulfilled')
    await scene.deployment.restart('authorities')
    await worksFor(first.value)
  })

  it('of sam after it generated the key: nothing is on record, and the person opens the page again', async () => {
    const first = await killAt(scene, 'sam', 'key-generated', () => person.submit())
    assert.equal(first.status, 'rejected')
    await scene.deployment.restart('sam')
    await assert.rejects(person.submit(), (error: unknown) => {
      return error instanceof PageRefused && error.code === 'ticket-foreign'
    })
    await person.openPage()
    await worksFor(await person.submit())
  })

  for (const victim of ['sam', 'server'] as const) {
    for (const [point, when] of [
      ['enrolled', 'the key is on record'],
      ['certificate-linked', 'the certificate is linked'],
    ] as const) {
      it(`of ${victim} after ${when}: the same submission again gets the same key and certificate`, async () => {
        const first = await killAt(scene, victim, point, () => person.submit())
        assert.equal(first.status, 'rejected')
        await scene.deployment.restart(victim)
        await worksFor(await person.submit())
      })
    }
  }
})
