/**
 * `authorities`: the built-in CA, OCSP responder and time-stamp authority, as a process of its own.
 *
 * The only file here that reads the clock, the arguments and the environment of the process.
 */
import { uptime } from 'node:os'
import { toBase64url } from '@natsuin/pki/encoding'
import { issuanceRefusals } from '@natsuin/protocol/issuance'
import { answer, endAtOnce, jsonLog, referenceOf, runProgram, serveUntilTold } from '@natsuin/protocol/node'
import { loadConfiguration } from './config/load.ts'
import { settings } from './config/schema.ts'
import { found } from './found/found.ts'
import { authoritiesMetrics } from './metrics.ts'
import { startService } from './service.ts'
import type { Clocks } from './tsa/trusted-clock.ts'

const HELP = `authorities: certification, OCSP and time-stamp authorities of Natsuin

  found --config FILE   makes keys, root, issuing CA, responder, time-stamping unit and first CRLs; once
  start --config FILE   serves what was founded
    --exit-with-parent  stop when standard input closes
  check --config FILE   says what is wrong with the configuration, everything at once
  reference             prints the settings and refusals, for the pages made of them
  --help                this text
`

const clocks: Clocks = {
  wall: () => Date.now(),
  // Linux counts the time asleep in its uptime and not in its monotonic clock; elsewhere it is the other way round.
  monotonic: () => (process.platform === 'linux' ? uptime() * 1000 : performance.now()),
}
const log = jsonLog(
  line => void process.stderr.write(line),
  () => new Date(clocks.wall()),
)
const { env: environment } = process

await runProgram({
  help: HELP,
  log,
  reference: () => ({
    settings: referenceOf(settings),
    refusals: issuanceRefusals,
    metrics: authoritiesMetrics,
  }),
  commands: {
    found: async ({ config }) => {
      const root = await found(loadConfiguration(config), { clocks, log, environment })
      answer({ root: toBase64url(root) })
    },
    check: async ({ config }) => {
      loadConfiguration(config)
      answer({ checked: true })
    },
    start: async ({ config, exitWithParent }) => {
      const configuration = loadConfiguration(config)
      const surroundings = { clocks, log, environment, onUntrustedDisk: endAtOnce(log) }
      const service = await startService(configuration, surroundings)
      const scheme = configuration.public.tls === undefined ? 'http' : 'https'
      const url = `${scheme}://${configuration.public.host}:${service.port}`
      await serveUntilTold(service, { url }, { exitWithParent, log })
    },
  },
})
