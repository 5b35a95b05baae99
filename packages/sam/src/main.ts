/**
 * `sam`: the Signature Activation Module, a process of its own.
 *
 * The only file here that reads the clock, the arguments, the environment and the standard streams of the process.
 */
import { toBase64url, toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import {
  answer,
  ConfigurationError,
  endAtOnce,
  jsonLog,
  readText,
  referenceOf,
  runProgram,
  serveUntilTold,
} from '@natsuin/protocol/node'
import { sapRefusals } from '@natsuin/protocol/sap'
import { loadConfiguration, loadFounding } from './config/load.ts'
import { settings } from './config/schema.ts'
import { readWitnesses } from './config/witnesses.ts'
import { JoinError } from './genesis/join.ts'
import { beginRestoration, endRestoration, loadRestoration } from './keys/backup/ceremony.ts'
import { samMetrics } from './metrics.ts'
import { found, joinService, startService } from './service.ts'
import { StoreError } from './store/store.ts'
import type { Clock } from './time/clock.ts'

const HELP = `sam: the Signature Activation Module of Natsuin

  genesis --config FILE --founding FILE   makes keys, store and the first record of the log; once
  restore-begin --config FILE             makes the key in a new module for which custodians encrypt the SAM's keys
  restore-end --config FILE --restoration FILE   puts the SAM's keys back into it
  join --config FILE --checkpoint FILE    admits another SAM to the deployment, given the newest state.txt of one
  start --config FILE                     serves the Signature Activation Protocol
    --exit-with-parent                    stop when standard input closes
  check --config FILE                     says what is wrong with the configuration, everything at once
  reference                               prints the settings and refusals, for the pages made of them
  --help                                  this text
`

const clock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() }
const log = jsonLog(
  line => void process.stderr.write(line),
  () => new Date(clock.wall()),
)

const { env: environment } = process

await runProgram({
  help: HELP,
  log,
  options: ['founding', 'checkpoint', 'restoration'],
  reference: () => ({ settings: referenceOf(settings), refusals: sapRefusals, metrics: samMetrics }),
  answerTo: error =>
    error instanceof StoreError || error instanceof JoinError ? { error: error.code } : undefined,
  commands: {
    genesis: async ({ config, options: { founding } }) => {
      if (founding === undefined) throw new ConfigurationError(['genesis needs --founding FILE'])
      const surroundings = { clock, log, environment }
      const { key, backup } = await found(loadConfiguration(config), loadFounding(founding), surroundings)
      const made = backup === undefined ? {} : { backup: toWire(backup) }
      answer({ samKey: toBase64url(key.spki), samKeyDigest: toHex(key.digest), ...made })
    },
    'restore-begin': async ({ config }) => {
      const { spki, oaepDigest } = await beginRestoration(loadConfiguration(config), {
        clock,
        log,
        environment,
      })
      answer({ publicKey: toBase64url(spki), oaepDigest, digest: toHex(digestSync('sha256', spki)) })
    },
    'restore-end': async ({ config, options: { restoration } }) => {
      if (restoration === undefined) throw new ConfigurationError(['restore-end needs --restoration FILE'])
      const surroundings = { clock, log, environment }
      const given = loadRestoration(restoration)
      answer({ restored: await endRestoration(loadConfiguration(config), given, surroundings) })
    },
    join: async ({ config, options: { checkpoint } }) => {
      if (checkpoint === undefined) throw new ConfigurationError(['join needs --checkpoint FILE'])
      const configuration = loadConfiguration(config)
      await joinService(configuration, readText(checkpoint, '--checkpoint'), { log, environment })
      answer({ instance: configuration.instance })
    },
    check: async ({ config }) => {
      await readWitnesses(loadConfiguration(config))
      answer({ checked: true })
    },
    start: async ({ config, exitWithParent }) => {
      const configuration = loadConfiguration(config)
      const surroundings = { clock, log, environment, onUntrustedDisk: endAtOnce(log) }
      const service = await startService(configuration, surroundings)
      await serveUntilTold(service, addressOf(configuration.listen, service.port), { exitWithParent, log })
    },
  },
})

function addressOf(listen: { socket: string } | { host: string }, port: number | undefined): object {
  return 'socket' in listen ? { socket: listen.socket } : { url: `https://${listen.host}:${port}` }
}
