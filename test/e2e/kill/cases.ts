/**
 * `kill -9` of every process at every point of a signature (sole-control 5; threats 23, T-DUR-01 and T-DUR-02).
 *
 * The SAM waits at its failpoint while the process is killed, so each case is exactly the one that it says. After
 * every kill the service works again, and the invariants hold over everything that happened so far. One suite,
 * run against every stack.
 */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { verifyEvidence } from '@natsuin/evidence'
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type Deployment,
  type Failpoints,
  openFailpoints,
  PageRefused,
  type Plan,
  type ProcessName,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import type { Stack } from '../stacks.ts'
import { Clients, enrolPerson, Signing } from './client.ts'

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

/** A deployment with its failpoints, its clients and one signer. */
export interface Scene {
  readonly failpoints: Failpoints
  readonly deployment: Deployment
  readonly clients: Clients
  readonly signer: Signer
}

export async function setScene(members: Partial<Plan> = {}): Promise<Scene> {
  const failpoints = await openFailpoints()
  const deployment = await startThrowaway({ ...members, failpoints: failpoints.socket })
  const clients = new Clients(deployment)
  return { failpoints, deployment, clients, signer: await enrolPerson(clients, 'Alice') }
}

export async function strike(scene: Scene | undefined): Promise<void> {
  await scene?.deployment.stop()
  await scene?.failpoints.close()
}

/** Runs until the SAM is at the point, kills, lets the SAM go on, and tells what became of the work. */
export async function killAt<T>(
  scene: Scene,
  victim: ProcessName,
  point: string,
  work: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  const reached = scene.failpoints.reached(point)
  const attempt = Promise.allSettled([work()])
  await reached
  await scene.deployment.process(victim).kill()
  scene.failpoints.release()
  const [first] = await attempt
  return first
}

/** Every invariant, over everything that happened so far. */
export function holds(scene: Scene): void {
  assert.deepEqual(scene.clients.violations(), [])
}

/** @param stack what the deployment stands on */
export function describeKills(stack: Stack): void {
  describe(`kill -9 on ${stack.name} (T-DUR-02)`, () => {
    let ground: Awaited<ReturnType<Stack['open']>>
    let scene: Scene
    before(async () => {
      ground = await stack.open()
      scene = await setScene(ground.members)
    })
    beforeEach(() => scene.clients.keepCheckpoint())
    after(async () => {
      await strike(scene)
      await ground.close()
    })

    for (const victim of ['sam', 'server', 'authorities', 'sic'] as const) {
      for (const point of Object.keys(POINTS) as Point[]) {
        it(`of ${victim} ${POINTS[point]}: ${ENDINGS[EXPECTED[victim][point]].sentence}`, async () => {
          for (let round = 0; round < rounds('kill'); round++) await killOnce(scene, victim, point)
        })
      }
    }

    it('leaves everything enrolled, approved and delivered in place, with its evidence', async () => {
      const { clients, signer } = scene
      const token = await clients.application.serviceToken(signer)
      for (const { signatures } of clients.deliveries)
        for (const { content, value } of signatures) await checkEvidence(scene, token, content, value)
    })

    it('leaves a log that an orderly stop closes and a start takes over', async () => {
      for (const name of ['sic', 'server', 'authorities', 'sam'] as const) {
        await scene.deployment.process(name).stop()
        assert.equal(await scene.deployment.process(name).exited, 0, `${name} stops by itself`)
      }
      holds(scene)
      for (const name of ['sam', 'authorities', 'server', 'sic'] as const)
        await scene.deployment.restart(name)
      await new Signing(scene.clients, scene.signer).run()
      holds(scene)
    })
  })
}

async function killOnce(scene: Scene, victim: ProcessName, point: Point): Promise<void> {
  const { clients, signer, deployment } = scene
  const signing = new Signing(clients, signer)
  const first = await killAt(scene, victim, point, () => signing.run())
  await deployment.restart(victim)
  await ENDINGS[EXPECTED[victim][point]].check({ clients, signer, signing, victim, first })
  holds(scene)
  await new Signing(clients, signer).run()
  holds(scene)
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
