/**
 * The process `server`: reads its configuration, opens what it names, and listens.
 *
 * The only file that asks the system for time, arguments, signals and standard streams.
 */
import { parseArgs } from 'node:util'
import { ConfigurationProblem, loadConfiguration, type ServerConfiguration } from './config/load.ts'
import { createLog } from './log.ts'
import { initSecrets, loadSecrets } from './secrets/secrets.ts'
import { createService, type Service } from './service.ts'
import { type Database, openDatabase } from './storage/database.ts'
import { migrate } from './storage/migrations.ts'

const HELP = `server — the Server Signing Application: CSC API, OAuth, enrolment, pages

  server init    --config server.json   makes the secrets directory; refuses when it holds secrets
  server migrate --config server.json   brings the database to the newest schema
  server start   --config server.json   migrates, listens, and prints one line of JSON when ready

  --exit-with-parent   stop when standard input closes
  --help               this text
`

const TIDY_INTERVAL_MS = 10 * 60 * 1000
/** Exit code. */
const ADDRESS_IN_USE = 3

const COMMANDS: Readonly<Record<string, (configuration: ServerConfiguration) => Promise<void>>> = {
  init: async ({ secretsDirectory }) => {
    await initSecrets(secretsDirectory)
    print({ initialised: true })
  },
  migrate: async configuration => {
    const database = await openMigrated(configuration)
    await database.close()
    print({ migrated: true })
  },
  start,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    help: { type: 'boolean' },
    'exit-with-parent': { type: 'boolean' },
  },
})

async function main(): Promise<void> {
  const command = COMMANDS[positionals[0] ?? '']
  if (values.help || command === undefined || values.config === undefined) {
    process.stdout.write(HELP)
    process.exitCode = values.help ? 0 : 2
    return
  }
  try {
    await command(loadConfiguration(values.config))
  } catch (error) {
    fail(error)
  }
}

async function start(configuration: ServerConfiguration): Promise<void> {
  const log = createLog(configuration.logLevel)
  // oidc-provider writes notices to the console; this process logs JSON and prints one line.
  console.info = console.warn = (notice: unknown) => log.debug({ notice }, 'notice')
  const secrets = loadSecrets(configuration.secretsDirectory)
  const database = await openMigrated(configuration)
  const service = await createService({ configuration, secrets, database, clock: () => new Date(), log })
  await service.app.listen(configuration.listen)
  stopOnSignal(service)
  const tidy = () => service.tidy().catch(error => log.error({ err: error }, 'expired records remain'))
  setInterval(tidy, TIDY_INTERVAL_MS).unref()
  print({ ready: true, url: configuration.publicUrl })
  await service.resume().catch(error => log.error({ err: error }, 'enrolments are not finished yet'))
}

async function openMigrated({ store }: ServerConfiguration): Promise<Database> {
  const database = openDatabase(store)
  await migrate(database)
  return database
}

function stopOnSignal(service: Service): void {
  const stop = () => {
    void service.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  if (values['exit-with-parent']) process.stdin.resume().once('end', stop).once('error', stop)
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function fail(error: unknown): never {
  const { code, port } = error as { code?: string; port?: number }
  if (code === 'EADDRINUSE') {
    print({ error: 'address-in-use', port })
    process.exit(ADDRESS_IN_USE)
  }
  if (error instanceof ConfigurationProblem) print({ error: 'configuration', problems: error.problems })
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
}

// Last, when every constant above has its value.
await main()
