/** A deployment for one test file: founded in a temporary folder, gone when it stops. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Deployment, type StartOptions, startDeployment } from './deployment.ts'
import { foundDeployment } from './found.ts'
import { classOf, type Plan, type Ports, SECURITY_OFFICERS } from './plan.ts'

/** Where test applications say they live; nobody listens there, because browsers in tests stop at the redirect. */
export const REDIRECT_URI = 'http://localhost:1/callback'

/** Two applications, people for every role, a class per level up to the highest; software module, embedded database. */
export function testPlan(ports: Ports, members: Partial<Plan> = {}): Plan {
  return {
    name: 'Natsuin Test',
    environment: 'test',
    maxLevel: 3,
    classes: [classOf(1), classOf(2), classOf(3)],
    quorum: 2,
    people: [
      ...SECURITY_OFFICERS,
      { id: 'administrator', name: 'Administrator', roles: ['system-administrator'] },
      { id: 'operator', name: 'Operator', roles: ['system-operator'] },
      { id: 'auditor', name: 'Auditor', roles: ['system-auditor'] },
      { id: 'officer-1', name: 'First officer', roles: ['registration-officer'] },
      { id: 'officer-2', name: 'Second officer', roles: ['registration-officer'] },
      { id: 'officer-3', name: 'Third officer', roles: ['registration-officer'] },
    ],
    clients: [
      { id: 'application', name: 'Test application', redirectUris: [REDIRECT_URI] },
      { id: 'other-application', name: 'Another application', redirectUris: [REDIRECT_URI] },
    ],
    proofing: { method: 'in-person', level: 2 },
    ports,
    store: 'sqlite',
    module: 'software',
    ...members,
  }
}

/** Founds and starts it; `stop` deletes the folder too. @throws ProcessEnded */
export async function startThrowaway(
  members: Partial<Plan> = {},
  options: StartOptions = {},
): Promise<Deployment> {
  const directory = await mkdtemp(join(tmpdir(), 'natsuin-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    await foundDeployment(directory, testPlan(await freePorts(), members))
    const deployment = await startDeployment(directory, options)
    return { ...deployment, stop: () => deployment.stop().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Three that nobody uses. */
export async function freePorts(): Promise<Ports> {
  // Held open together, so that the three differ.
  const probes = await Promise.all([holdPort(), holdPort(), holdPort()])
  const [server = 0, approval = 0, authorities = 0] = probes.map(({ port }) => port)
  await Promise.all(probes.map(({ release }) => release()))
  return { server, approval, authorities }
}

/** One that nobody uses. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort()
  await release()
  return port
}

async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const probe = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', resolve)
  await promise
  const address = probe.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, release: () => probe[Symbol.asyncDispose]() }
}
