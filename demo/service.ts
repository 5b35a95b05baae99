/**
 * The service behind the demonstration: found it once, start it, or find the one that is running.
 *
 * One process runs it in one directory; a lock says which, because two of them would spoil each other's stores. Who
 * comes later uses its service, or waits while that one starts, ends, or is not there for others (`--exit`).
 */
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
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
import { type Lock, tryLock } from './lock.ts'
import { freePort, isFree } from './ports.ts'
import type { Running, State } from './state.ts'

export interface Service {
  readonly known: KnownDeployment
  /** The demonstration's page. */
  readonly url: string
  /** What this run started and has to stop; absent when the service was running already. */
  readonly own?: { stop(): Promise<void> }
}

export interface ServiceOptions {
  readonly firstPort: number
  /** Ends the one that runs here, and forgets all that was made here. */
  readonly fresh: boolean
  /** Others may use it until it is stopped. */
  readonly shared: boolean
  readonly tell: (what: string) => void
}

/** @throws CannotStart */
export async function openService(state: State, options: ServiceOptions): Promise<Service> {
  const { firstPort, fresh, tell } = options
  const turn = await takeTurn(state, options)
  if (typeof turn === 'string') return { known: knownDeployment(state.deployment), url: turn }
  try {
    state.running.clear() // what a demonstration left that was killed
    if (fresh) state.forget()
    if (!isFounded(state.deployment)) await found(state, firstPort, tell)
    tell('Starting sam, authorities, server and sic')
    return await start(state, options, turn)
  } catch (error) {
    turn.release()
    throw error
  }
}

/** The lock, or the address of the service that its holder runs. @throws CannotStart */
async function takeTurn(state: State, { fresh, tell }: ServiceOptions): Promise<Lock | string> {
  let asked: Running | undefined
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(POLL_MS)) {
    const lock = tryLock(state.lock)
    if (lock !== undefined) return lock
    const running = state.running.read()
    if (running === undefined) continue
    if (!fresh) return running.url
    if (running.pid === asked?.pid) continue
    tell(`Stopping the demonstration at ${running.url}`)
    stopOther(running)
    asked = running
  }
  throw new CannotStart(
    'in-use',
    `Another demonstration is under way in ${state.directory}, and does not end.`,
  )
}

/** Whoever wrote the slot holds the lock, so the process with this id is the one that is meant. */
function stopOther({ pid, url }: Running): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!gone) throw new CannotStart('in-use', `The demonstration at ${url} is another user's.`)
  }
}

const PATIENCE_MS = 120_000
const POLL_MS = 100

export function callbackOf(url: string): string {
  return `${url}desk/callback.html`
}

function urlOf(port: number): string {
  return `http://localhost:${port}/`
}

/** The application, where the page is served: from there it hands documents to the approval page. */
function clientAt(url: string): ClientPlan {
  return { ...CLIENT, redirectUris: [callbackOf(url)], origins: [new URL(url).origin] }
}

/** Where the page is served, as the roster says it. */
function deskPortOf({ clients }: Plan): number {
  return Number(new URL(clients[0]?.origins?.[0] ?? '').port)
}

async function found(state: State, firstPort: number, tell: (what: string) => void): Promise<void> {
  tell('Genesis: people, root certificate, SAM key, roster')
  rmSync(state.deployment, { recursive: true, force: true }) // what a founding left that did not end
  const approval = await freePort(firstPort + 1)
  const authorities = await freePort(firstPort + 2, [approval])
  const desk = await freePort(firstPort + 3, [approval, authorities])
  await foundDeployment(state.deployment, planFor({ server: firstPort, approval, authorities }, desk))
}

function planFor(ports: Plan['ports'], desk: number): Plan {
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
    clients: [clientAt(urlOf(desk))],
    // The desk enrols whoever asks, under the name that he gives.
    proofing: { method: 'self-asserted', level: 1 },
    ports,
    store: 'sqlite',
    module: 'software',
  }
}

async function start(state: State, { firstPort, shared }: ServiceOptions, lock: Lock): Promise<Service> {
  const { plan } = knownDeployment(state.deployment)
  await checkFixedPorts(plan)
  const server = await freePort(firstPort, fixedPortsOf(plan))
  const desk = deskPortOf(plan)
  const url = urlOf(desk)
  const deployment = await startDeployment(state.deployment, {
    changes: { ports: { ...plan.ports, server } },
  })
  const page = await openDesk({ known: deployment, state, port: desk })
  if (shared) state.running.write({ pid: process.pid, url })
  return { known: deployment, url, own: { stop: () => stopAll(state, page, deployment, lock) } }
}

async function stopAll(state: State, page: Desk, deployment: Deployment, lock: Lock): Promise<void> {
  state.running.clear()
  await page.close()
  await deployment.stop()
  lock.release()
}

/** Why there is no service: a port that cannot move is another program's, or the directory another process's. */
export class CannotStart extends Error {
  readonly code: 'port-taken' | 'in-use'

  constructor(code: CannotStart['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Three ports cannot move: two are in the roster that genesis sealed, one in every certificate. */
function fixedPortsOf(plan: Plan): number[] {
  return [plan.ports.approval, plan.ports.authorities, deskPortOf(plan)]
}

/** @throws CannotStart */
async function checkFixedPorts(plan: Plan): Promise<void> {
  for (const port of fixedPortsOf(plan)) {
    if (await isFree(port)) continue
    throw new CannotStart(
      'port-taken',
      `Port ${port} was fixed when this demonstration was founded, and another program has it now. Stop that program, or start afresh with --fresh.`,
    )
  }
}
