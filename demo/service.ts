/** The service behind the demonstration: found it once, start it, or find the one that is running. */
import { rmSync } from 'node:fs'
import {
  type ClientPlan,
  classOf,
  type Deployment,
  foundDeployment,
  isFounded,
  type KnownDeployment,
  knownDeployment,
  type Plan,
  SECURITY_OFFICERS,
  startDeployment,
} from '@natsuin/testing/deployment'
import { CLIENT } from './client.ts'
import { type Desk, openDesk } from './desk.ts'
import { freePort, isFree } from './ports.ts'
import type { State } from './state.ts'

export interface Service {
  readonly known: KnownDeployment
  /** The demonstration's page. */
  readonly url: string
  /** What this run started and has to stop; absent when the service was running already. */
  readonly own?: { stop(): Promise<void> }
}

/** @throws PortTaken */
export async function openService(
  state: State,
  firstPort: number,
  tell: (what: string) => void,
): Promise<Service> {
  const url = await findRunning(state)
  if (url !== undefined) return { known: knownDeployment(state.deployment), url }
  if (!isFounded(state.deployment)) await found(state, firstPort, tell)
  tell('Starting sam, authorities, server and sic')
  return start(state, firstPort)
}

export function callbackOf(url: string): string {
  return `${url}desk/callback.html`
}

function urlOf(port: number): string {
  return `http://localhost:${port}/`
}

/** The application, where the page is served now. */
function clientAt(url: string): ClientPlan {
  return { ...CLIENT, redirectUris: [callbackOf(url)] }
}

async function findRunning(state: State): Promise<string | undefined> {
  const running = state.running.read()
  if (running === undefined) return undefined
  const answers = await fetch(`${running.url}desk/config.json`, { signal: AbortSignal.timeout(2000) }).catch(
    () => undefined,
  )
  if (answers?.ok) return running.url
  state.running.clear()
  return undefined
}

async function found(state: State, firstPort: number, tell: (what: string) => void): Promise<void> {
  tell('Genesis: people, root certificate, SAM key, roster')
  rmSync(state.deployment, { recursive: true, force: true }) // what a founding left that did not end
  const approval = await freePort(firstPort + 1)
  const authorities = await freePort(firstPort + 2, [approval])
  await foundDeployment(state.deployment, planFor({ server: firstPort, approval, authorities }))
}

function planFor(ports: Plan['ports']): Plan {
  return {
    name: 'Natsuin Demonstration',
    environment: 'production',
    maxLevel: 1,
    classes: [classOf(1)],
    quorum: 2,
    people: [
      ...SECURITY_OFFICERS,
      { id: 'demonstration-officer', name: 'Demonstration officer', roles: ['registration-officer'] },
    ],
    clients: [clientAt(urlOf(ports.server + 3))],
    // The desk enrols whoever asks, under the name that he gives.
    proofing: { method: 'self-asserted', level: 1 },
    ports,
    store: 'sqlite',
    module: 'software',
  }
}

async function start(state: State, firstPort: number): Promise<Service> {
  const { plan } = knownDeployment(state.deployment)
  await checkFixedPorts(plan)
  const fixed = [plan.ports.approval, plan.ports.authorities]
  const server = await freePort(firstPort, fixed)
  const desk = await freePort(firstPort + 3, [...fixed, server])
  const url = urlOf(desk)
  const deployment = await startDeployment(state.deployment, {
    changes: { ports: { ...plan.ports, server }, clients: [clientAt(url)] },
  })
  const page = await openDesk({ known: deployment, state, port: desk })
  state.running.write({ pid: process.pid, url })
  return { known: deployment, url, own: { stop: () => stopAll(state, page, deployment) } }
}

async function stopAll(state: State, page: Desk, deployment: Deployment): Promise<void> {
  state.running.clear()
  await page.close()
  await deployment.stop()
}

/** A port that cannot move is another program's. */
export class PortTaken extends Error {
  readonly code = 'port-taken'
}

/** Two ports cannot move: one is in the roster that genesis sealed, one in every certificate. @throws PortTaken */
async function checkFixedPorts({ ports }: Plan): Promise<void> {
  for (const port of [ports.approval, ports.authorities]) {
    if (await isFree(port)) continue
    throw new PortTaken(
      `Port ${port} was fixed when this demonstration was founded, and another program has it now. Stop that program, or start afresh with --fresh.`,
    )
  }
}
