/** The process that serves the approval page and nothing else (sole-control 2). See `--help`. */
import { createServer, type Server } from 'node:http'
import { parseArgs } from 'node:util'
import { type Config, ConfigError, loadConfig, settings } from './config.ts'
import { readFileTable } from './serve/file-table.ts'
import { siteOf } from './serve/site.ts'

const HELP = `sic start --config FILE.json [--exit-with-parent]

Serves the approval page's bundle and /deployment.json. Prints {"ready":true,"url":…} when it is ready.

  --config FILE        the configuration, see below
  --exit-with-parent   stop when standard input closes
  --help               this text

The configuration, a JSON object:
${Object.entries(settings)
  .map(([path, { documentation }]) => `  ${path.padEnd(24)} ${documentation}`)
  .join('\n')}
`

const EXIT = { wrongUse: 2, addressInUse: 3 }

/** A page is small and a browser quick; whoever sends a request slowly is no browser. */
const REQUEST_TIMEOUT_MS = 10_000

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      'exit-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) process.stdout.write(HELP)
  else if (positionals.join(' ') !== 'start' || values.config === undefined) refuse(HELP)
  else await start(await loadConfig(values.config), values['exit-with-parent'])
}

async function start(config: Config, exitWithParent: boolean): Promise<void> {
  const site = siteOf(await readFileTable(config), config)
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 }, site)
  const stop = () => {
    server.close()
    server.closeAllConnections()
    process.stdin.destroy()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  if (exitWithParent) process.stdin.resume().once('end', stop).once('error', stop)
  server.once('error', (error: NodeJS.ErrnoException) => refuseAddress(error, config))
  server.listen(config.listen.port, config.listen.host, () => announce(server, config))
}

function announce(server: Server, { origin }: Config): void {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  process.stdout.write(`${JSON.stringify({ ready: true, url: origin, port })}\n`)
}

function refuseAddress(error: NodeJS.ErrnoException, { listen: { port } }: Config): void {
  if (error.code !== 'EADDRINUSE') throw error
  process.stdout.write(`${JSON.stringify({ error: 'address-in-use', port })}\n`)
  process.exitCode = EXIT.addressInUse
  process.stdin.destroy()
}

function refuse(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = EXIT.wrongUse
}

await main().catch((error: unknown) => {
  const isWrongUse =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  if (!isWrongUse && !(error instanceof ConfigError)) throw error
  refuse(error.message)
})
