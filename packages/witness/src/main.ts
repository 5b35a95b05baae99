/**
 * `witness`: cosigns the heads of logs that it has only ever seen grow (C2SP tlog-witness). A process of its own, best of
 * another operator.
 *
 * The only file here that reads the clock and the standard streams of the process.
 */
import type { Server } from 'node:http'
import { nodePlatform } from '@natsuin/pki/node'
import { writeVkey } from '@natsuin/protocol/log'
import {
  answer,
  jsonLog,
  listenOn,
  Metrics,
  measureProcess,
  processMetrics,
  referenceOf,
  runProgram,
  serveHealth,
  serveUntilTold,
  webServer,
} from '@natsuin/protocol/node'
import { loadConfiguration, readLogs } from './config/load.ts'
import { type Configuration, settings } from './config/schema.ts'
import { makeKey, readCosigner } from './cosigner.ts'
import { NewestCheckpoints } from './newest.ts'
import { siteOf } from './site.ts'
import { Witness } from './witness.ts'

const HELP = `witness: cosigns the heads of logs that it has only ever seen grow

  init --config FILE    makes the key; once; prints {"vkey"}, which logs and verifiers are given
  start --config FILE   serves; prints {"ready":true,"url":…,"port":…,"vkey":…} when it is ready
    --exit-with-parent  stop when standard input closes
  check --config FILE   says what is wrong with the configuration, everything at once
  reference             prints the settings, for the page made of them
  --help                this text
`

const now = () => Math.floor(Date.now() / 1000)
const log = jsonLog(
  line => void process.stderr.write(line),
  () => new Date(),
)

await runProgram({
  help: HELP,
  log,
  reference: () => ({ settings: referenceOf(settings), metrics: processMetrics }),
  commands: {
    init: async ({ config }) => {
      const { name, keyFile } = loadConfiguration(config)
      makeKey(keyFile)
      answer({ vkey: await writeVkey(readCosigner(name, keyFile).key, nodePlatform) })
    },
    check: async ({ config }) => {
      readLogs(loadConfiguration(config))
      answer({ checked: true })
    },
    start: async ({ config, exitWithParent }) => {
      const configuration = loadConfiguration(config)
      const service = await start(configuration)
      await serveUntilTold(service, service.ready, { exitWithParent, log })
    },
  },
})

async function start(configuration: Configuration) {
  const { name, keyFile, directory, listen, publicUrl, health: address } = configuration
  const cosigner = readCosigner(name, keyFile)
  const newest = new NewestCheckpoints(directory)
  const witness = new Witness({ logs: readLogs(configuration), cosigner, newest, now, log })
  const server: Server = webServer({ listen, limits: { requestTimeout: 10_000 }, log }, siteOf(witness, log))
  const port = await listenOn(server, listen)
  const metrics = new Metrics(processMetrics)
  measureProcess(metrics, () => new Date())
  const health = await serveHealth({ address, checks: {}, metrics })
  const stop = async () => {
    await health.close()
    server.close()
    server.closeAllConnections()
    newest.close()
  }
  return { ready: { url: publicUrl, port, vkey: await writeVkey(cosigner.key, nodePlatform) }, stop }
}
