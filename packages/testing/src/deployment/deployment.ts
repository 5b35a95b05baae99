/** A running deployment: the four processes of one founded directory. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fromBase64url } from '@natsuin/pki/encoding'
import { type RunningProcess, startProcess } from '@natsuin/protocol/node/processes'
import { buildBundles } from './bundles.ts'
import { configurationOf, samKeyFile, writeConfigurations } from './configuration.ts'
import { environmentOf } from './found.ts'
import {
  furtherSams,
  loadPlan,
  type Member,
  type Plan,
  programOf,
  savePlan,
  type Urls,
  urlsOf,
} from './plan.ts'

/** What whoever wants to use a deployment knows about it. */
export interface KnownDeployment {
  readonly directory: string
  readonly plan: Plan
  readonly urls: Urls
  /** DER SubjectPublicKeyInfo of the SAM key. */
  readonly samKey: Uint8Array
  /** SHA-256 of the SAM key's SubjectPublicKeyInfo, hexadecimal: what a verifier pins. */
  readonly samKeyDigest: string
}

export interface Deployment extends KnownDeployment {
  process(name: Member): RunningProcess
  /** Starts a process again that ended or was killed. */
  restart(name: Member): Promise<void>
  /** Ends all, faces first. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** What of the plan is different from now on: the server may move to another port, say. */
  readonly changes?: Partial<Plan>
  readonly onLog?: (name: Member, line: string) => void
  /** What each process finds in its environment besides. */
  readonly environment?: (name: Member) => Readonly<Record<string, string>>
}

/** From the ground up: whoever starts finds those it talks to. */
function orderOf(plan: Plan): readonly Member[] {
  return ['sam', ...furtherSams(plan), 'authorities', 'server', 'sic']
}

/** A deployment that somebody else started. @throws when the directory holds none */
export function knownDeployment(directory: string): KnownDeployment {
  const plan = loadPlan(directory)
  const samKey = readSamKey(directory)
  const samKeyDigest = createHash('sha256').update(samKey).digest('hex')
  return { directory, plan, urls: urlsOf(plan), samKey, samKeyDigest }
}

/** @throws ProcessEnded when one of them does not come up; those already up are stopped first */
export async function startDeployment(directory: string, options: StartOptions = {}): Promise<Deployment> {
  const plan = { ...loadPlan(directory), ...options.changes }
  savePlan(directory, plan)
  writeConfigurations(directory, plan)
  await buildBundles()
  const running = new Map<Member, RunningProcess>()
  const order = orderOf(plan)
  const start = async (name: Member) => {
    running.set(name, await startOne(directory, plan, name, options))
  }
  const stop = async () => {
    for (const name of order.toReversed()) await running.get(name)?.stop()
  }
  try {
    for (const name of order) await start(name)
  } catch (error) {
    await stop()
    throw error
  }
  return { ...knownDeployment(directory), process: known(running), restart: start, stop }
}

function startOne(directory: string, plan: Plan, name: Member, { onLog, environment }: StartOptions) {
  return startProcess({
    name: programOf(name),
    args: ['start', '--config', configurationOf(directory, name)],
    workingDirectory: directory,
    environment: { ...environmentOf(plan, programOf(name)), ...environment?.(name) },
    ...(onLog && { onLog: (line: string) => onLog(name, line) }),
  })
}

function known(running: ReadonlyMap<Member, RunningProcess>) {
  return (name: Member): RunningProcess => {
    const found = running.get(name)
    if (found === undefined) throw new Error(`${name} is not running`)
    return found
  }
}

function readSamKey(directory: string): Uint8Array {
  const spki = fromBase64url(readFileSync(samKeyFile(directory), 'utf8').trim())
  if (spki === undefined) throw new Error('the SAM key file is not base64url')
  return spki
}
