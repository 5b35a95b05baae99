/** The process that serves the approval page and nothing else (sole-control 2). See `--help`. */
import type { Server } from 'node:http'
import {
  answer,
  jsonLog,
  listenOn,
  Metrics,
  measureProcess,
  referenceOf,
  runProgram,
  serveHealth,
  serveUntilTold,
  webServer,
} from '@natsuin/protocol/node'
import { type Config, loadConfig, settings } from './config.ts'
import { countAnswers, sicMetrics } from './metrics.ts'
import { readFileTable } from './serve/file-table.ts'
import { siteOf } from './serve/site.ts'

const HELP = `sic: serves the approval page's bundle and /deployment.json, and nothing else

  check --config FILE.json   says what is wrong with the configuration, everything at once
  start --config FILE.json   serves; prints {"ready":true,"url":…,"port":…} when it is ready
    --exit-with-parent       stop when standard input closes
  reference                  prints the settings, for the page made of them
  --help                     this text
`

/** A page is small and a browser quick; whoever sends a request slowly is no browser. */
const REQUEST_TIMEOUT_MS = 10_000

const log = jsonLog(
  line => void process.stderr.write(line),
  () => new Date(),
)

await runProgram({
  help: HELP,
  log,
  reference: () => ({ settings: referenceOf(settings), metrics: sicMetrics }),
  commands: {
    check: async ({ config }) => {
      loadConfig(config)
      answer({ checked: true })
    },
    start: async ({ config: file, exitWithParent }) => {
      const config = loadConfig(file)
      if (config.deployment.samKey === undefined) log('warn', 'sam-key-not-there-yet')
      const metrics = new Metrics(sicMetrics)
      measureProcess(metrics, () => new Date())
      const { server, port } = await listen(config, metrics)
      // The bundle is in memory: who listens is ready.
      const health = await serveHealth({ address: config.health, checks: {}, metrics })
      const stop = async () => {
        await health.close()
        server.close()
        server.closeAllConnections()
      }
      await serveUntilTold({ stop }, { url: config.origin, port }, { exitWithParent, log })
    },
  },
})

async function listen(
  config: Config,
  metrics: Metrics<typeof sicMetrics>,
): Promise<{ server: Server; port: number }> {
  const site = countAnswers(siteOf(await readFileTable(config), config), metrics)
  const limits = { requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 }
  const server = webServer({ listen: config.listen, limits, log }, site)
  return { server, port: await listenOn(server, config.listen) }
}
