/** The process that serves the approval page and nothing else (sole-control 2). See `--help`. */
import { createServer, type Server } from 'node:http'
import { answer, jsonLog, referenceOf, runProgram, serveUntilTold } from '@natsuin/protocol/node'
import { type Config, loadConfig, settings } from './config.ts'
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
  reference: () => ({ settings: referenceOf(settings) }),
  commands: {
    check: async ({ config }) => {
      loadConfig(config)
      answer({ checked: true })
    },
    start: async ({ config: file, exitWithParent }) => {
      const config = loadConfig(file)
      const { server, port } = await listen(config)
      const stop = async () => {
        server.close()
        server.closeAllConnections()
      }
      await serveUntilTold({ stop }, { url: config.origin, port }, { exitWithParent, log })
    },
  },
})

async function listen(config: Config): Promise<{ server: Server; port: number | undefined }> {
  const site = siteOf(await readFileTable(config), config)
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 }, site)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(config.listen.port, config.listen.host, resolve)
  await promise
  const address = server.address()
  return { server, port: typeof address === 'object' ? address?.port : undefined }
}
