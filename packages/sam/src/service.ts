/** The running SAM: opened parts and its one door, in the order in which they are closed again. */
import { type Environment, foundModule, meteredModule, openModule } from '@natsuin/crypto-module'
import { digestSync } from '@natsuin/pki/node'
import {
  ConfigurationError,
  describeFault,
  gaugeModule,
  type Log,
  logModule,
  Metrics,
  measureProcess,
  meteredHandlers,
  moduleChoice,
  observeModule,
  readListenAddress,
  readText,
  serve,
  serveHealth,
} from '@natsuin/protocol/node'
import { administrationMethods, sapMethods } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'
import { settleLeftOpen } from './activation/left-open.ts'
import { administrationHandlers } from './administration/handlers.ts'
import { Archive } from './audit/archive.ts'
import type { Configuration } from './config/schema.ts'
import { readWitnesses } from './config/witnesses.ts'
import { type Failpoint, noFailpoints, socketFailpoints } from './failpoints.ts'
import { type Founding, rosterOf } from './genesis/founding.ts'
import { type Founded, genesis } from './genesis/genesis.ts'
import { join } from './genesis/join.ts'
import { sapHandlers } from './handlers.ts'
import { needKeyWitnessFile, witnessed } from './keys/backup/witnessed-module.ts'
import { endOverdueSessions } from './keys/end-session.ts'
import { continueRotation } from './keys/master-key/continue-rotation.ts'
import { gaugeSam, meteredStore, type SamMetrics, samMetrics, samReadiness } from './metrics.ts'
import { closeSam, openSam } from './open-sam.ts'
import type { Sam } from './sam.ts'
import { checkSeparation } from './separation/check-separation.ts'
import { keptBy } from './separation/kept.ts'
import { readUserFiles } from './separation/users.ts'
import { withArchive } from './store/archived-store.ts'
import { createSqliteStore, openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import type { Clock } from './time/clock.ts'

export interface Surroundings {
  readonly clock: Clock
  /** Told when nobody knows any more what is on the disk: this process must not go on. */
  readonly onUntrustedDisk: (fault: unknown) => void
  readonly log: Log
  readonly environment: Environment
}

export interface RunningService {
  /** The port, where SAP is served over TLS. */
  readonly port: number | undefined
  stop(): Promise<void>
}

/** Founds a deployment. @throws StoreError `store-exists`, FoundingError, ModuleRefusal, Refusal */
export async function found(
  configuration: Configuration,
  founding: Founding,
  { clock, log, environment }: Omit<Surroundings, 'onUntrustedDisk'>,
): Promise<Founded> {
  // Before anything is made that would stand in the way of a second attempt.
  rosterOf(founding, 'software' in configuration.module || founding.softwareModule)
  if (founding.backup !== undefined) needKeyWitnessFile(configuration)
  const choice = await moduleChoice(configuration.module, log)
  await using stack = new AsyncDisposableStack()
  const store = await createStore(configuration)
  stack.defer(() => store.close())
  const module = await foundModule(choice, environment)
  stack.defer(() => module.close())
  const { instance, logOrigin, checkpointDirectory, keyWitnessFile } = configuration
  const names = { instance, logOrigin, checkpointDirectory, keyWitnessFile }
  return await genesis({ founding, module, store, ...names, clock })
}

/** Admits another SAM. @param checkpoint newest head of the state log @throws JoinError, LogRejected, StoreError */
export async function joinService(
  configuration: Configuration,
  checkpoint: string,
  { log, environment }: Pick<Surroundings, 'log' | 'environment'>,
): Promise<void> {
  const { instance, logOrigin, checkpointDirectory } = configuration
  const choice = await moduleChoice(configuration.module, log)
  await using stack = new AsyncDisposableStack()
  const store = await openStore(configuration)
  stack.defer(() => store.close())
  const module = await openModule(witnessed(choice, configuration), environment, logModule(log))
  stack.defer(() => module.close())
  await join({ module, store, instance, logOrigin, checkpointDirectory, checkpoint })
}

/** @throws when anything that genesis made is missing or altered, or a port is taken (`EADDRINUSE`) */
export async function startService(
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<RunningService> {
  const address = readListenAddress(configuration.listen)
  const stack = new AsyncDisposableStack()
  try {
    const metrics: SamMetrics = new Metrics(samMetrics)
    const sam = await openParts(configuration, { ...surroundings, metrics }, stack)
    const onFault = (incident: string, fault: unknown) =>
      surroundings.log('error', 'fault', { incident, ...describeFault(fault) })
    const handlers = meteredHandlers<typeof sapMethods>(sapHandlers(sam), metrics)
    const door = await serve({ methods: sapMethods, handlers, address, onFault })
    stack.defer(() => door.close())
    await openAdministration(configuration, sam, { onFault, stack })
    const health = await serveHealth({ address: configuration.health, checks: samReadiness(sam), metrics })
    stack.defer(() => health.close())
    measureProcess(metrics, () => new Date(surroundings.clock.wall()))
    gaugeSam(sam, metrics)
    gaugeModule(metrics, () => sam.module.health)
    return { port: door.port, stop: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** The administrative channel, if there is to be one. */
async function openAdministration(
  { administration: { socket } }: Configuration,
  sam: Sam,
  { onFault, stack }: { onFault: (incident: string, fault: unknown) => void; stack: AsyncDisposableStack },
): Promise<void> {
  if (socket === '') return
  const handlers = administrationHandlers(sam)
  const door = await serve({ methods: administrationMethods, handlers, address: { socket }, onFault })
  stack.defer(() => door.close())
}

async function openParts(
  configuration: Configuration,
  { clock, log, onUntrustedDisk, environment, metrics }: Surroundings & { readonly metrics: SamMetrics },
  stack: AsyncDisposableStack,
): Promise<Sam> {
  const { instance, logOrigin, checkpointDirectory, checkpointSeconds } = configuration
  const choice = await moduleChoice(configuration.module, log)
  const archive = archiveOf(configuration)
  const inDatabase = meteredStore(await openStore(configuration), metrics)
  stack.defer(() => inDatabase.close())
  const store = archive === undefined ? inDatabase : withArchive(inDatabase, archive)
  const opened = await openModule(witnessed(choice, configuration), environment, logModule(log))
  const module = meteredModule(opened, observeModule(metrics))
  stack.defer(() => module.close())
  const { failpoint, limits } = { failpoint: failpointOf(configuration), limits: limitsOf(configuration) }
  const sam = await openSam({
    instance,
    configurationDigest: digestSync('sha256', writeJson(configuration)),
    module,
    store,
    archive,
    logOrigin,
    checkpointDirectory,
    keyWitnessFile: configuration.keyWitnessFile,
    witnesses: await readWitnesses(configuration),
    limits,
    clock,
    failpoint,
    log,
    onUntrustedDisk,
  })
  stack.defer(() => closeSam(sam))
  checkFailpoints(configuration, sam)
  checkNeighbours(configuration, sam)
  for (const checkpoints of Object.values(sam.checkpoints)) {
    checkpoints.startCopying(checkpointSeconds * 1000, fault =>
      log('error', 'checkpoint', describeFault(fault)),
    )
    stack.defer(() => checkpoints.stopCopying())
  }
  // Keys for one session end with it, also when nobody comes back.
  stack.defer(
    everySecond(
      () => endOverdueSessions(sam),
      fault => log('error', 'session', describeFault(fault)),
    ),
  )
  const rotate = (isStopping: () => boolean) => continueRotation(sam, isStopping)
  stack.defer(everySecond(rotate, fault => log('error', 'rotation', describeFault(fault))))
  const settleThem = () => settleLeftOpen(sam)
  stack.defer(everySecond(settleThem, fault => log('warn', 'left-open', describeFault(fault))))
  return sam
}

/** One run at a time. Returns how to stop, which waits for the run that is under way. */
function everySecond(
  run: (isStopping: () => boolean) => Promise<void>,
  onFault: (fault: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> | undefined
  let isStopping = false
  const timer = setInterval(() => {
    running ??= run(() => isStopping)
      .catch(onFault)
      .finally(() => {
        running = undefined
      })
  }, 1000)
  return async () => {
    isStopping = true
    clearInterval(timer)
    await running
  }
}

function limitsOf(configuration: Configuration) {
  const { ticketSeconds, maxTickets, retryHours, retentionDays, refusalsPerSecond, driftMilliseconds } =
    configuration
  const limits = { ticketSeconds, maxTickets, retentionDays, refusalsPerSecond, driftMilliseconds }
  return { ...limits, retrySeconds: retryHours * 3600 }
}

const archiveOf = ({ archiveDirectory }: Configuration) =>
  archiveDirectory === '' ? undefined : new Archive(archiveDirectory)

const failpointOf = ({ failpoints: { socket } }: Configuration): Failpoint =>
  socket === '' ? noFailpoints : socketFailpoints(socket)

/** Nobody stops a production process from outside. */
function checkFailpoints({ failpoints: { socket } }: Configuration, { roster }: Sam): void {
  if (socket !== '' && roster.environment !== 'test') {
    throw new ConfigurationError(['failpoints: the deployment was not founded as test'])
  }
}

/** Above level 1 the SAM is apart from the others, and a production SAM with a local socket says from whom. */
function checkNeighbours(configuration: Configuration, { roster }: Sam): void {
  const { separateFrom: names, listen } = configuration
  if (roster.maxLevel < 2) return
  if (names.length === 0 && roster.environment === 'production' && 'socket' in listen) {
    throw new ConfigurationError([
      'separateFrom: missing. Above level 1 it names the users of the other processes',
    ])
  }
  checkSeparation(keptBy(configuration), { names, files: readUserFiles(), ownUid: process.getuid?.() ?? 0 })
}

async function createStore({ store }: Configuration): Promise<Store> {
  if ('sqlite' in store) return createSqliteStore(store.sqlite)
  const { createPostgresStore } = await import('./store/postgres-store.ts')
  return createPostgresStore(readUrl(store.postgres))
}

async function openStore({ store }: Configuration): Promise<Store> {
  if ('sqlite' in store) return openSqliteStore(store.sqlite)
  const { openPostgresStore } = await import('./store/postgres-store.ts')
  return openPostgresStore(readUrl(store.postgres))
}

const readUrl = ({ urlFile }: { readonly urlFile: string }): string =>
  readText(urlFile, 'store.postgres.urlFile').trim()
