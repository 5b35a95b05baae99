/**
 * Opens a SAM: examines what is on disk, settles what a crash left behind, and takes over the log.
 *
 * Whatever does not fit together (keys, log, checkpoint outside, roster, level) is a reason not to start.
 */
import { randomBytes } from 'node:crypto'
import type { CryptoModule } from '@natsuin/crypto-module'
import { equal, toBase64url } from '@natsuin/pki/encoding'
import type { Roster } from '@natsuin/protocol/genesis'
import type { Log } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import { settle } from './activation/activate.ts'
import { Checkpoints, readCheckpointFile } from './audit/checkpoints.ts'
import { Journal } from './audit/journal.ts'
import { LogRejected, type OpenedLog, openLog } from './audit/open-log.ts'
import type { Failpoint } from './failpoints.ts'
import { SOFTWARE_IS_LEVEL_1 } from './genesis/founding.ts'
import { ROSTER_ID, rosterDigest } from './genesis/genesis.ts'
import { LABEL } from './keys/labels.ts'
import { SamKey } from './keys/sam-key.ts'
import { SadBook } from './sad/sad-book.ts'
import type { Sam, SamLimits } from './sam.ts'
import { recordSeal } from './store/record-seal.ts'
import { SealedRecords } from './store/sealed-records.ts'
import type { Store } from './store/store.ts'
import { TicketBook } from './tickets/ticket-book.ts'
import { TicketOffice } from './tickets/ticket-office.ts'
import type { Clock } from './time/clock.ts'
import { SamTime } from './time/sam-time.ts'
import { Counters } from './webauthn/counters.ts'

export interface OpenOptions {
  readonly instance: string
  readonly module: CryptoModule
  readonly store: Store
  readonly logOrigin: string
  readonly checkpointFile: string
  readonly limits: SamLimits & { readonly maxTickets: number; readonly driftMilliseconds: number }
  readonly clock: Clock
  readonly failpoint: Failpoint
  readonly log: Log
}

/** Answers that may fail before a ticket counts as spent. */
const MAX_FAILURES = 10

/** @throws LogRejected, Refusal `record-altered`, Error when genesis did not take place */
export async function openSam(options: OpenOptions): Promise<Sam> {
  const { instance, module, store, clock, limits, checkpointFile } = options
  const key = await openKey(module)
  const records = new SealedRecords(store, await recordSeal(module))
  const predecessor = await readCheckpointFile(checkpointFile)
  const opened = await openLog(store, {
    checkpoint: predecessor,
    samKey: key.spki,
    origin: options.logOrigin,
  })
  const roster = await readRoster(records, opened)
  checkLevel(roster, module)
  const time = new SamTime(clock, limits, opened.newestAt)
  const journal = openJournal(options, opened, records, time)
  const identity = { deployment: roster.deployment, instance, bootId: toBase64url(randomBytes(16)) }
  const book = new TicketBook({ maxTickets: limits.maxTickets, maxFailures: MAX_FAILURES })
  const sam: Sam = {
    roster,
    identity,
    limits,
    module,
    key,
    store,
    records,
    journal,
    checkpoints: new Checkpoints({ journal, key, file: checkpointFile }),
    state: opened.state,
    tickets: new TicketOffice(identity, key, time, book),
    counters: new Counters(records),
    sads: new SadBook(),
    ongoing: new Map(),
    time,
    failpoint: options.failpoint,
  }
  await begin(sam, predecessor)
  return sam
}

/** Says in the log that this process ends; everything that was begun has been settled. */
export async function closeSam(sam: Sam): Promise<void> {
  const { journal, checkpoints, identity, time } = sam
  await Promise.allSettled([...sam.ongoing.values()].map(({ response }) => response))
  await journal.append({ leaves: [{ event: 'closed', at: time.milliseconds(), bootId: identity.bootId }] })
  await checkpoints.copyOutside()
}

async function openKey(module: CryptoModule): Promise<SamKey> {
  const spki = await module.publicKey(LABEL.sam)
  if (spki === undefined) throw new Error(`the module has no key ${LABEL.sam}: genesis did not take place`)
  return new SamKey(module, spki)
}

async function readRoster(records: SealedRecords, { genesis }: OpenedLog): Promise<Roster> {
  const roster = await records.need('roster', ROSTER_ID)
  if (equal(rosterDigest(roster), genesis.rosterDigest)) return roster
  throw new LogRejected('the roster is not the one of leaf 0')
}

/** Fails closed when the module is less than the deployment claims. */
function checkLevel({ environment, maxLevel, softwareModule }: Roster, { description }: CryptoModule): void {
  const software = softwareModule || description.softwareModule
  if (software && environment === 'production' && maxLevel > 1) throw new Error(SOFTWARE_IS_LEVEL_1)
}

function openJournal(
  { store, logOrigin, log }: OpenOptions,
  { tree, newest }: OpenedLog,
  records: SealedRecords,
  time: SamTime,
): Journal {
  return new Journal({
    store,
    origin: logOrigin,
    tree,
    newest,
    now: () => time.seconds(),
    onRecords: written => records.remember(written),
    onClosed: (reason, cause) => log('error', 'log-closed', { reason, cause: String(cause) }),
  })
}

/** The boot's first leaf, then the outcome of what the predecessor left open; a copy outside before any answer. */
async function begin(sam: Sam, predecessor: string): Promise<void> {
  const { instance, bootId } = sam.identity
  const at = sam.time.milliseconds()
  await sam.journal.append({ leaves: [{ event: 'opened', at, instance, bootId, predecessor }] })
  for (const activationId of sam.state.unsettled()) {
    await settle(sam, activationId, await readGranted(sam, activationId), 'unknown')
  }
  await sam.checkpoints.copyOutside()
}

/** The reservation; undefined when somebody took its record away or edited it, which must not stop every start. */
async function readGranted({ records }: Sam, activationId: string) {
  try {
    return (await records.read('activation', activationId))?.content
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
