/**
 * The process `server`: reads its configuration, opens what it names, and listens.
 *
 * The only file that asks the system for standard streams; for time, beside the thread for documents, which starts on its own.
 */
import {
  answer,
  endAtOnce,
  jsonLog,
  Metrics,
  measureProcess,
  referenceOf,
  runProgram,
  serveHealth,
  serveUntilTold,
} from '@natsuin/protocol/node'
import { loadConfiguration, type ServerConfiguration } from './config/load.ts'
import { settings } from './config/schema.ts'
import { wordsOfEdges } from './http/words.ts'
import { createLog } from './log.ts'
import { type ServerMetrics, serverMetrics } from './metrics.ts'
import { openApiReference } from './openapi/reference.ts'
import { initSecrets, loadSecrets, rotateSecrets } from './secrets/secrets.ts'
import { createService } from './service.ts'
import { type Database, openDatabase } from './storage/database.ts'
import { migrate } from './storage/migrations.ts'

const HELP = `server — the Server Signing Application: CSC API, OAuth, enrolment, pages

  server init    --config server.json   makes the secrets directory; refuses when it holds secrets
  server rotate-keys --config server.json   new keys for cookies and the key set, beside the ones before; then start it again
  server migrate --config server.json   brings the database to the newest schema
  server check   --config server.json   says what is wrong with the configuration, everything at once
  server start   --config server.json   migrates, listens, and prints one line of JSON when ready

  server reference                      prints settings, errors and the OpenAPI documents, for the pages made of them

  --exit-with-parent   stop when standard input closes
  --help               this text
`

const TIDY_INTERVAL_MS = 10 * 60 * 1000

/** The frame's own log; what happens while the server serves goes through pino, which takes secrets out by name. */
const log = jsonLog(
  line => void process.stderr.write(line),
  () => new Date(),
)

await runProgram({
  help: HELP,
  log,
  reference: () => ({
    settings: referenceOf(settings),
    edges: wordsOfEdges(),
    metrics: serverMetrics,
    openApi: openApiReference(),
  }),
  commands: {
    init: async ({ config }) => {
      await initSecrets(loadConfiguration(config).secretsDirectory)
      answer({ initialised: true })
    },
    'rotate-keys': async ({ config }) => {
      await rotateSecrets(loadConfiguration(config).secretsDirectory)
      answer({ rotated: true })
    },
    migrate: async ({ config }) => {
      const database = await openMigrated(loadConfiguration(config))
      await database.close()
      answer({ migrated: true })
    },
    check: async ({ config }) => {
      loadConfiguration(config)
      answer({ checked: true })
    },
    start: ({ config, exitWithParent }) => start(loadConfiguration(config), exitWithParent),
  },
})

async function start(configuration: ServerConfiguration, exitWithParent: boolean): Promise<void> {
  const logger = createLog(configuration.logLevel)
  // oidc-provider writes notices to the console; this process logs JSON and prints one line.
  console.info = console.warn = (notice: unknown) => logger.debug({ notice }, 'notice')
  const secrets = loadSecrets(configuration.secretsDirectory)
  const database = await openMigrated(configuration)
  const clock = () => new Date()
  const metrics: ServerMetrics = new Metrics(serverMetrics)
  measureProcess(metrics, clock)
  const service = await createService({
    configuration,
    secrets,
    database,
    clock,
    log: logger,
    metrics,
    onUntrustedDisk: endAtOnce(log),
  })
  await service.checkProfile()
  const { host, port } = configuration.listen
  await service.app.listen({ host, port })
  const health = await serveHealth({
    address: configuration.health,
    checks: service.readiness,
    metrics,
  })
  const tidy = () => service.tidy().catch(error => logger.error({ err: error }, 'expired records remain'))
  setInterval(tidy, TIDY_INTERVAL_MS).unref()
  const served = serveUntilTold(
    { stop: () => health.close().then(() => service.close()) },
    { url: configuration.publicUrl },
    { exitWithParent, log },
  )
  await service.resume().catch(error => logger.error({ err: error }, 'enrolments are not finished yet'))
  await served
}

async function openMigrated({ store }: ServerConfiguration): Promise<Database> {
  const database = openDatabase(store)
  await migrate(database)
  return database
}
