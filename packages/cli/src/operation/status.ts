/** natsuin status — asks each process at its health address whether it can do its work, and if not, why. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { resolve } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { type HealthSetting, resolveHealth, socketPath } from '@natsuin/protocol/node'
import type { ProcessName } from '@natsuin/protocol/node/processes'
import { type Command, UsageError } from '../command.ts'
import { readArguments } from './check.ts'
import { configurationIn, DEFAULT_DIRECTORY } from './directory.ts'

export const status: Command = {
  name: 'status',
  usage: '[process …] [--directory DIR] [--wait SECONDS]',
  help: `Asks each process whether it can do its work now, at the health address of its configuration.

  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})
  --wait SECONDS    ask again until all are ready, for so long (0)

Exit status: 0 all are ready, 1 one is not or does not answer, 2 wrong usage.`,

  async run(args, { out }) {
    const { seconds, rest } = withoutWait(args)
    const { directory, names } = readArguments(rest)
    const end = performance.now() + seconds * 1000
    const ask = () => Promise.all(names.map(name => stateOf(directory, name)))
    let states = await ask()
    while (states.some(state => state !== READY) && performance.now() < end) {
      await pause(PAUSE_MILLISECONDS)
      states = await ask()
    }
    for (const [i, state] of states.entries()) out(`${state === READY ? '✔' : '✘'} ${names[i]}: ${state}`)
    return states.every(state => state === READY) ? 0 : 1
  },
}

function withoutWait(args: readonly string[]): { seconds: number; rest: readonly string[] } {
  const at = args.indexOf('--wait')
  if (at < 0) return { seconds: 0, rest: args }
  const seconds = Number(args[at + 1])
  if (!(seconds >= 0)) throw new UsageError('--wait needs a number of seconds.')
  return { seconds, rest: args.toSpliced(at, 2) }
}

const PAUSE_MILLISECONDS = 250
const READY = 'ready'
const TIMEOUT_MILLISECONDS = 5_000

async function stateOf(directory: string, name: ProcessName): Promise<string> {
  try {
    const { status: word, problems = [] } = await askReadiness(healthOf(directory, name))
    return word === READY ? READY : `not ready: ${problems.join(', ')}`
  } catch (error) {
    return `does not answer (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`
  }
}

/** The process has checked the rest of its configuration. */
function healthOf(directory: string, name: ProcessName): HealthSetting {
  const file = configurationIn(directory, name)
  const { health } = JSON.parse(readFileSync(file, 'utf8')) as { health?: HealthSetting }
  if (health === undefined) throw new Error('its configuration names no health address')
  return resolveHealth(health, path => resolve(file, '..', path))
}

function askReadiness(address: HealthSetting): Promise<{ status?: string; problems?: string[] }> {
  const target = 'socket' in address ? { socketPath: socketPath(address.socket) } : address
  const {
    promise,
    resolve: answer,
    reject,
  } = Promise.withResolvers<{ status?: string; problems?: string[] }>()
  const asked = request({ ...target, path: '/readyz', timeout: TIMEOUT_MILLISECONDS }, response => {
    // What `serveHealth` sends.
    json(response).then(value => answer(value as { status?: string; problems?: string[] }), reject)
  })
  asked
    .on('timeout', () => asked.destroy(new Error('timeout')))
    .on('error', reject)
    .end()
  return promise
}
