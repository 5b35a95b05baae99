/**
 * `authorities`: the built-in CA, OCSP responder and time-stamp authority, as a process of its own.
 *
 * The only file here that reads the clock, the arguments and the environment of the process.
 */
import { uptime } from 'node:os'
import { parseArgs } from 'node:util'
import { toBase64url } from '@natsuin/pki/encoding'
import { ConfigurationError, loadConfiguration } from './config/load.ts'
import { found } from './found/found.ts'
import { describeFault, jsonLog } from './log.ts'
import { startService } from './service.ts'
import type { Clocks } from './tsa/trusted-clock.ts'

const HELP = `authorities: certification, OCSP and time-stamp authorities of Natsuin

  found --config FILE   makes keys, root, issuing CA, responder, time-stamping unit and first CRLs; once
  start --config FILE   serves what was founded
    --exit-with-parent  stop when standard input closes
  --help                this text
`

const EXIT = { ok: 0, fault: 1, usage: 2, addressInUse: 3 } as const

const clocks: Clocks = {
  wall: () => Date.now(),
  // Linux counts the time asleep in its uptime and not in its monotonic clock; elsewhere it is the other way round.
  monotonic: () => (process.platform === 'linux' ? uptime() * 1000 : performance.now()),
}
const now = () => new Date(clocks.wall())
const log = jsonLog(line => void process.stderr.write(line), now)

const COMMANDS: Readonly<Record<string, (config: string, exitWithParent: boolean) => Promise<number>>> = {
  found: async config => {
    const root = await found(loadConfiguration(config), now)
    answer({ root: toBase64url(root) })
    return EXIT.ok
  },
  start: async (config, exitWithParent) => {
    const configuration = loadConfiguration(config)
    const service = await startService(configuration, { clocks, log })
    const stopped = whenTold(exitWithParent)
    answer({ ready: true, url: `http://${configuration.public.host}:${service.port}` })
    log('info', 'stopping', { reason: await stopped })
    await service.stop()
    // An open standard input would keep the process.
    process.stdin.destroy()
    return EXIT.ok
  },
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function whenTold(exitWithParent: boolean): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  if (exitWithParent) process.stdin.once('close', () => resolve('stdin-closed')).resume()
  return promise
}

async function run(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      'exit-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [name = '', ...more] = positionals
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (values.help) process.stdout.write(HELP)
  if (values.help) return EXIT.ok
  if (command === undefined || values.config === undefined || more.length > 0) {
    process.stderr.write(HELP)
    return EXIT.usage
  }
  return command(values.config, values['exit-with-parent'])
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigurationError) {
    log('error', 'configuration', { problems: error.problems })
    return EXIT.usage
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    answer({ error: 'address-in-use', port: error.port })
    return EXIT.addressInUse
  }
  log('error', 'fault', describeFault(error))
  return EXIT.fault
}

process.exitCode = await run().catch(exitCodeOf)
