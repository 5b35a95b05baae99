/**
 * `sam`: the Signature Activation Module, a process of its own.
 *
 * The only file here that reads the clock, the arguments and the standard streams of the process.
 */
import { parseArgs } from 'node:util'
import { toBase64url, toHex } from '@natsuin/pki/encoding'
import { ConfigurationError, loadConfiguration, loadFounding } from './config/load.ts'
import { FoundingError } from './genesis/founding.ts'
import { describeFault, jsonLog } from './log.ts'
import { found, startService } from './service.ts'
import { StoreError } from './store/store.ts'
import type { Clock } from './time/clock.ts'

const HELP = `sam: the Signature Activation Module of Natsuin

  genesis --config FILE --founding FILE   makes keys, store and the first record of the log; once
  start --config FILE                     serves the Signature Activation Protocol
    --exit-with-parent                    stop when standard input closes
  --help                                  this text
`

const EXIT = { ok: 0, fault: 1, usage: 2, addressInUse: 3 } as const

const clock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() }
const log = jsonLog(
  line => void process.stderr.write(line),
  () => new Date(clock.wall()),
)

interface Arguments {
  readonly config: string
  readonly founding: string | undefined
  readonly exitWithParent: boolean
}

const COMMANDS: Readonly<Record<string, (given: Arguments) => Promise<number>>> = {
  genesis: async ({ config, founding }) => {
    if (founding === undefined) throw new ConfigurationError(['genesis needs --founding FILE'])
    const key = await found(loadConfiguration(config), loadFounding(founding), { clock, log })
    answer({ samKey: toBase64url(key.spki), samKeyDigest: toHex(key.digest) })
    return EXIT.ok
  },
  start: async ({ config, exitWithParent }) => {
    const configuration = loadConfiguration(config)
    const service = await startService(configuration, { clock, log })
    const stopped = whenTold(exitWithParent)
    answer({ ready: true, ...addressOf(configuration.listen, service.port) })
    log('info', 'stopping', { reason: await stopped })
    // An open standard input would keep the process.
    await service.stop().finally(() => process.stdin.destroy())
    return EXIT.ok
  },
}

function addressOf(listen: { socket: string } | { host: string }, port: number | undefined): object {
  return 'socket' in listen ? { socket: listen.socket } : { url: `https://${listen.host}:${port}` }
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
      founding: { type: 'string' },
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
  const { config, founding, 'exit-with-parent': exitWithParent } = values
  return command({ config, founding, exitWithParent })
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigurationError || error instanceof FoundingError) {
    log('error', 'configuration', { problems: error.problems })
    return EXIT.usage
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    answer({ error: 'address-in-use', port: error.port })
    return EXIT.addressInUse
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${error.message}\n\n${HELP}`)
    return EXIT.usage
  }
  if (error instanceof StoreError) answer({ error: error.code })
  log('error', 'fault', describeFault(error))
  return EXIT.fault
}

process.exitCode = await run().catch(exitCodeOf)
