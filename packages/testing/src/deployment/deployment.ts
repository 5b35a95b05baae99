/** A running deployment: the four processes of one founded directory. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fromBase64url } from '@natsuin/pki/encoding'
import { type ProcessName, type RunningProcess, startProcess } from '@natsuin/protocol/node/processes'
import { buildBundles } from './bundles.ts'
import { configurationOf, samKeyFile, writeConfigurations } from './configuration.ts'
import { environmentOf } from './found.ts'
import { loadPlan, type Plan, savePlan, type Urls, urlsOf } from './plan.ts'

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
  process(name: ProcessName): RunningProcess
  /** Starts a process again that ended or was killed. */
  restart(name: ProcessName): Promise<void>
  /** Ends all, faces first. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** What of the plan is different from now on: the server may move to another port, say. */
  readonly changes?: Partial<Plan>
  readonly onLog?: (name: ProcessName, line: string) => void
}

/** From the ground up: whoever starts finds those it talks to. */
const ORDER: readonly ProcessName[] = ['sam', 'authorities', 'server', 'sic']

/** A deployment that somebody else started. @throws when the directory holds none */
export function knownDeployment(directory: string): KnownDeployment {
  const plan = loadPlan(directory)
  const samKey = readSamKey(directory)
  const samKeyDigest = createHash('sha256').update(samKey).digest('hex')
  return { directory, plan, urls: urlsOf(plan.ports), samKey, samKeyDigest }
}

/** @throws ProcessEnded when one of them does not come up; those already up are stopped first */
export async function startDeployment(directory: string, options: StartOptions = {}): Promise<Deployment> {
  const plan = { ...loadPlan(directory), ...options.changes }
  savePlan(directory, plan)
  writeConfigurations(directory, plan)
  await buildBundles()
  const running = new Map<ProcessName, RunningProcess>()
  const start = async (name: ProcessName) => {
    running.set(name, await startOne(directory, plan, name, options))
  }
  const stop = async () => {
    for (const name of ORDER.toReversed()) await running.get(name)?.stop()
  }
  try {
    for (const name of ORDER) await start(name)
  } catch (error) {
    await stop()
    throw error
  }
  return { ...knownDeployment(directory), process: known(running), restart: start, stop }
}

function startOne(directory: string, plan: Plan, name: ProcessName, { onLog }: StartOptions) {
  return startProcess({
    name,
    args: ['start', '--config', configurationOf(directory, name)],
    workingDirectory: directory,
    environment: environmentOf(plan, name),
    ...(onLog && { onLog: (line: string) => onLog(name, line) }),
  })
}

function known(running: ReadonlyMap<ProcessName, RunningProcess>) {
  return (name: ProcessName): RunningProcess => {
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
