/**
 * `kill -9` of every process at every point of the protocol (sole-control 5; threats 23, T-DUR-01 and T-DUR-02).
 *
 * The SAM waits at its failpoint while the process is killed, so each case is exactly the one that it says. After
 * every kill the service works again, and the invariants hold over everything that happened so far.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { verifyEvidence } from '@natsuin/evidence'
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type Deployment,
  type Failpoints,
  openFailpoints,
  PageRefused,
  type ProcessName,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import { observe } from './invariants/observation.ts'
import { Clients, Enrolling, enrolPerson, Signing } from './kill/client.ts'
import { holdWriteLock, isBeingWritten, setTrap } from './kill/store-holds.ts'

const POINTS = {
  'ticket-issued': 'after the ticket',
  'sad-accepted': 'after the assertion was accepted',
  granted: 'after granted',
  'module-signed': 'after the module signed',
  completed: 'after completed',
} as const

type Point = keyof typeof POINTS

/** How it goes on for the application and the signer, and how to find out that it does. */
const ENDINGS = {
  'goes on': {
    sentence: 'the signature is delivered meanwhile, and a retry gets the same bytes',
    check: async ({ signing, first }: Killed) => {
      assert.equal(first.status, 'fulfilled', 'delivered without the killed process')
      assert.deepEqual(await signing.sign(), first.value)
    },
  },
  'begins again': {
    sentence: 'no approval exists, and the signer begins again',
    check: async ({ first }: Killed) => assert.equal(first.status, 'rejected'),
  },
  'approves again': {
    sentence: 'the approval that nobody got an answer to is void, and the signer approves again',
    check: async ({ clients, signer, signing, first, victim }: Killed) => {
      assert.equal(first.status, 'rejected')
      const code = victim === 'sam' ? 'ticket-foreign' : 'ticket-spent'
      await assert.rejects(signing.approve(), (error: unknown) => {
        return error instanceof PageRefused && error.code === code
      })
      await new Signing(clients, signer, signing.contents).run()
    },
  },
  burnt: {
    sentence: 'the reservation is burnt, a retry is refused, and the signer approves again',
    check: async ({ clients, signer, signing, first }: Killed) => {
      assert.equal(first.status, 'rejected')
      for (const attempt of ['first', 'second']) {
        const { status, body } = await signing.trySign()
        const refusal = { error: 'invalid_request', error_description: 'Invalid parameter SAD' }
        assert.deepEqual({ status, body }, { status: 400, body: refusal }, `${attempt} retry`)
      }
      await new Signing(clients, signer, signing.contents).run()
    },
  },
  repeats: {
    sentence: 'the values are kept, and a retry with the same Idempotency-Key gets them',
    check: async ({ signing, first }: Killed) => {
      assert.equal(first.status, 'rejected')
      assert.deepEqual(await signing.sign(), await signing.sign())
    },
  },
} as const

interface Killed {
  readonly clients: Clients
  readonly signer: Signer
  readonly signing: Signing
  readonly victim: ProcessName
  /** What became of the attempt that the kill fell into. */
  readonly first: PromiseSettledResult<readonly Uint8Array[]>
}

const BYSTANDER: Readonly<Record<Point, keyof typeof ENDINGS>> = {
  'ticket-issued': 'goes on',
  'sad-accepted': 'goes on',
  granted: 'goes on',
  'module-signed': 'goes on',
  completed: 'goes on',
}

const EXPECTED: Readonly<Record<ProcessName, typeof BYSTANDER>> = {
  sam: {
    'ticket-issued': 'begins again',
    'sad-accepted': 'approves again',
    granted: 'burnt',
    'module-signed': 'burnt',
    completed: 'repeats',
  },
  server: {
    'ticket-issued': 'begins again',
    'sad-accepted': 'approves again',
    // The SAM goes on alone.
    granted: 'repeats',
    'module-signed': 'repeats',
    completed: 'repeats',
  },
  authorities: BYSTANDER,
  sic: BYSTANDER,
}

/** A deployment with its failpoints and its clients. */
interface Scene {
  readonly failpoints: Failpoints
  readonly deployment: Deployment
  readonly clients: Clients
  readonly signer: Signer
}

async function setScene(): Promise<Scene> {
  const failpoints = await openFailpoints()
  const deployment = await startThrowaway({ failpoints: failpoints.socket })
  const clients = new Clients(deployment)
  return { failpoints, deployment, clients, signer: await enrolPerson(clients, 'Alice') }
}

async function strike(scene: Scene) {
  await scene.deployment.stop()
  await scene.failpoints.close()
}

/** Runs until the SAM is at the point, kills, lets the SAM go on, and tells what became of the work. */
async function killAt<T>(scene: Scene, victim: ProcessName, point: string, work: () => Promise<T>) {
  const reached = scene.failpoints.reached(point)
  const attempt = Promise.allSettled([work()])
  await reached
  await scene.deployment.process(victim).kill()
  scene.failpoints.release()
  const [first] = await attempt
  return first
}

function holds(scene: Scene): void {
  assert.deepEqual(scene.clients.violations(), [])
}

for (const victim of ['sam', 'server', 'authorities', 'sic'] as const) {
  describe(`kill -9 of ${victim}`, () => {
    let scene: Scene
    before(async () => {
      scene = await setScene()
    })
    beforeEach(() => scene.clients.keepCheckpoint())
    after(() => strike(scene))

    for (const [point, when] of Object.entries(POINTS) as [Point, string][]) {
      const { sentence, check } = ENDINGS[EXPECTED[victim][point]]
      it(`${when}: ${sentence}`, async () => {
        for (let round = 0; round < rounds('kill'); round++) {
          const { clients, signer, deployment } = scene
          const signing = new Signing(clients, signer)
          const first = await killAt(scene, victim, point, () => signing.run())
          await deployment.restart(victim)
          await check({ clients, signer, signing, victim, first })
          holds(scene)
          await new Signing(clients, signer).run()
          holds(scene)
        }
      })
    }

    it('never: everything enrolled, approved and delivered is there after all of them, with its evidence', async () => {
      const { clients, signer } = scene
      const token = await clients.application.serviceToken(signer)
      for (const { signatures } of clients.deliveries) {
        for (const { content, value } of signatures) await checkEvidence(scene, token, content, value)
      }
    })

    it('and then an orderly stop of all: the checkpoint outside covers the whole log', async () => {
      for (const name of ['sic', 'server', 'authorities', 'sam'] as const)
        await scene.deployment.process(name).stop()
      holds(scene)
      for (const name of ['sam', 'authorities', 'server', 'sic'] as const)
        await scene.deployment.restart(name)
      await new Signing(scene.clients, scene.signer).run()
      holds(scene)
    })
  })
}

async function checkEvidence(scene: Scene, token: string, content: Uint8Array, value: Uint8Array) {
  const { clients, signer, deployment } = scene
  const request = { credentialID: signer.credentialId, signature: toBase64(value) }
  const { status, body } = await clients.application.call('../../natsuin/v1/evidence', request, token)
  assert.equal(status, 200, JSON.stringify(body))
  const verdict = await verifyEvidence({
    evidence: utf8(JSON.stringify((body as { evidence: unknown }).evidence)),
    samKeyDigest: deployment.samKeyDigest,
    document: { signedAttributes: content, signatureValue: value },
    platform: nodePlatform,
  })
  assert.equal(verdict.valid, true, JSON.stringify(verdict))
}

describe('kill -9 during an enrolment', () => {
  let scene: Scene
  let person: Enrolling
  let names = 0
  const authoritiesStore = () => join(scene.deployment.directory, 'authorities', 'authorities.db')
  const samStore = () => join(scene.deployment.directory, 'sam', 'sam.db')
  const certificates = () => {
    const { samKey, directory } = scene.deployment
    return observe(directory, { samKey, earlierCheckpoints: [], received: scene.clients }).certificates
  }

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
