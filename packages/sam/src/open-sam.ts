/**
 * Opens a SAM: examines what is on disk, settles what a crash left behind, and takes over the logs.
 *
 * Whatever does not fit together (keys, logs, checkpoints outside, roster, level) is a reason not to start.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { CryptoModule } from '@natsuin/crypto-module'
import { toBase64url } from '@natsuin/pki/encoding'
import { endsProcess, type Log } from '@natsuin/protocol/node'
import { settleLeftOpen, settleStored } from './activation/left-open.ts'
import { Quarantine } from './activation/quarantine.ts'
import { Proposals } from './administration/proposals.ts'
import type { Archive } from './audit/archive.ts'
import { HeadSeal } from './audit/head-seal.ts'
import { openCheckpoints } from './audit/open-checkpoints.ts'
import { closeLogs, type OpenedLogs, openLogs } from './audit/open-logs.ts'
import { storedHeads } from './audit/stored-head.ts'
import { Attempts } from './codes/attempts.ts'
import { SentCodes } from './codes/sent-codes.ts'
import type { Failpoint } from './failpoints.ts'
import { openHold } from './keys/backup/restoration-hold.ts'
import { BoxKey } from './keys/box-key.ts'
import { endSession, settleLostSessions } from './keys/end-session.ts'
import { RotationProgress } from './keys/master-key/rotation-progress.ts'
import { OneTimeKeys } from './keys/one-time-keys.ts'
import { openSamKey } from './keys/sam-key.ts'
import { openLease, openPeers } from './lease/open-lease.ts'
import { LogOuts } from './providers/log-outs.ts'
import { TokenEndpoints } from './providers/token-endpoint.ts'
import { checkLevel } from './roster/check-level.ts'
import { RosterInForce } from './roster/roster-in-force.ts'
import { SadBook } from './sad/sad-book.ts'
import type { Logs, Sam, SamLimits } from './sam.ts'
import { recordSeal } from './store/record-seal.ts'
import { SealedRecords } from './store/sealed-records.ts'
import type { Store } from './store/store.ts'
import { SpentRequests } from './tickets/spent-requests.ts'
import { TicketBook } from './tickets/ticket-book.ts'
import { TicketOffice } from './tickets/ticket-office.ts'
import type { Clock } from './time/clock.ts'
import { SamTime } from './time/sam-time.ts'
import { Counters } from './webauthn/counters.ts'
import { checkWitnessed, openWitnesses, type WitnessSetting, witnessedAt } from './witness/open-witnesses.ts'

export interface OpenOptions {
  readonly instance: string
  /** Of leaves that left the store, which has to be read with it. */
  readonly archive?: Archive | undefined
  /** SHA-256 of the settings, for the log. */
  readonly configurationDigest: Uint8Array
  readonly module: CryptoModule
  readonly store: Store
  readonly logOrigin: string
  readonly checkpointDirectory: string
  /** An empty path is no file. */
  readonly keyWitnessFile: string
  readonly witnesses: WitnessSetting
  readonly limits: SamLimits & { readonly maxTickets: number; readonly driftMilliseconds: number }
  readonly clock: Clock
  readonly failpoint: Failpoint
  readonly log: Log
  /** Told when nobody knows any more what is on the disk: this process must not go on. */
  readonly onUntrustedDisk: (fault: unknown) => void
}

/** Answers that may fail before a ticket counts as spent. */
const MAX_FAILURES = 10

/** @throws LogRejected, Refusal `record-altered`, Error when genesis did not take place */
export async function openSam(options: OpenOptions): Promise<Sam> {
  const { instance, module, store, clock, limits, checkpointDirectory } = options
  const key = await openSamKey(module)
  const seal = await recordSeal(module)
  const records = new SealedRecords(store, seal)
  const headSeal = new HeadSeal(seal)
  const peers = openPeers(options, instance)
  await peers.takePlace()
  const opened = await openLogs({ ...options, key, seal: headSeal })
  const { state } = opened
  const rosters = await RosterInForce.open(records, state)
  await checkLevel(rosters.current, module, state.masterKey.label)
  checkWitnessed(rosters.current, options.witnesses)
  const seenOutside = await witnessedAt(options.witnesses, opened.outside)
  const time = new SamTime(clock, limits, Math.max(opened.newestAt, seenOutside))
  const logs = openJournals(options, opened, records, time)
  const identity = { deployment: rosters.current.deployment, instance, bootId: toBase64url(randomBytes(16)) }
  const lease = openLease(options, logs, identity)
  const witnesses = openWitnesses(options.witnesses, store, time)
  const checkpoints = openCheckpoints({
    instance,
    checkpointDirectory,
    key,
    logs,
    witnesses,
    onRejected: ({ message }) => options.log('error', 'log-closed', { reason: message }),
  })
  const book = new TicketBook({ maxTickets: limits.maxTickets, maxFailures: MAX_FAILURES })
  const sam: Sam = {
    get roster() {
      return rosters.current
    },
    rosters,
    proposals: new Proposals(),
    identity,
    limits,
    module,
    key,
    store,
    records,
    logs,
    checkpoints,
    state,
    lease,
    peers,
    storedHeads: storedHeads({ store, key, logOrigin: options.logOrigin, seal: headSeal, witnesses }),
    archive: options.archive,
    tickets: new TicketOffice(identity, key, time, book),
    requests: new SpentRequests(),
    counters: new Counters(records),
    attempts: new Attempts(records),
    sentCodes: new SentCodes(),
    boxKey: new BoxKey(),
    tokenEndpoints: new TokenEndpoints(key, time),
    logOuts: new LogOuts(),
    sads: new SadBook(),
    oneTimeKeys: new OneTimeKeys(),
    hold: await openHold(checkpointDirectory, state, {
      stateSize: logs.state.size,
      newestAt: opened.newestAt,
    }),
    keyWitnessFile: options.keyWitnessFile,
    rotation: new RotationProgress(),
    quarantine: new Quarantine(),
    ongoing: new Map(),
    leftOpen: new Map(),
    time,
    failpoint: options.failpoint,
    alert: (alert, fields) => options.log('warn', 'alert', { alert, ...fields }),
  }
  await lease.need()
  // Before anything is written: a witness may know a later state than the one that was found.
  if (witnesses !== undefined) await copyOutside(sam)
  await begin(sam, opened.unsettled, options)
  recordParting(sam)
  lease.keep()
  return sam
}

/** Says in the state log that this process ends, and with which log; everything that was begun has been settled. */
export async function closeSam(sam: Sam): Promise<void> {
  // A database that does not say what became of a commit must not keep us: the next start finds out.
  const impatient = setTimeout(() => closeLogs(sam.logs), CLOSE_MILLISECONDS)
  try {
    await finish(sam)
  } finally {
    clearTimeout(impatient)
  }
}

const CLOSE_MILLISECONDS = 5_000

async function finish(sam: Sam): Promise<void> {
  const { logs, checkpoints, identity, time, ongoing, lease } = sam
  await Promise.allSettled([...ongoing.values()].map(({ response }) => response))
  await logs.activity.drained()
  await settleLeftOpen(sam)
  for (const credentialId of sam.oneTimeKeys.all()) await endSession(sam, credentialId)
  const { instance, bootId } = identity
  const activity = await checkpoints.activity.newest()
  const leaf = { event: 'closed', at: time.milliseconds(), instance, bootId, activity } as const
  await logs.state.append({ leaves: [leaf] })
  try {
    await copyOutside(sam)
  } finally {
    await lease.end()
  }
}

/** What closes one of the two closes the other: a SAM that cannot record does nothing. */
function openJournals(
  { log, onUntrustedDisk }: Pick<OpenOptions, 'log' | 'onUntrustedDisk'>,
  opened: OpenedLogs,
  records: SealedRecords,
  time: SamTime,
): Logs {
  const logs: Logs = opened.journals({
    certain: () => Math.floor(time.certainMilliseconds() / 1000),
    onRecords: written => records.remember(written),
    onClosed: (reason, cause) => {
      log('error', 'log-closed', { reason, cause: String(cause) })
      closeLogs(logs)
      if (endsProcess(cause)) onUntrustedDisk(cause)
    },
    wait: delay,
  })
  return logs
}

/**
 * The process's first leaf of its activity log, from which on no earlier one can write there; its leaf of the state
 * log, which names that log; then the outcome of what the predecessor left open; copies outside before any answer.
 */
async function begin(
  sam: Sam,
  unsettled: readonly string[],
  options: Pick<OpenOptions, 'configurationDigest'>,
): Promise<void> {
  const { logs, checkpoints, time } = sam
  const { instance, bootId } = sam.identity
  const { configurationDigest } = options
  const at = time.milliseconds()
  await logs.activity.append({ leaves: [{ event: 'began', at, bootId, stateSize: logs.state.size }] })
  const activity = await checkpoints.activity.newest()
  await logs.state.append({
    leaves: [{ event: 'opened', at, instance, bootId, activity, configurationDigest }],
  })
  for (const activationId of unsettled) {
    await settleStored(sam, activationId, 'unknown')
  }
  await settleLostSessions(sam)
  await copyOutside(sam)
}

/** What the logs say of when stands on a clock: that it cannot be believed any more is on record too. */
function recordParting({ time, logs, identity, alert }: Sam): void {
  const { instance } = identity
  time.watch(parted => {
    alert('clock-parted', { ...parted })
    const leaf = () => ({ event: 'clock-parted', at: time.milliseconds(), instance, ...parted }) as const
    // Within `milliseconds()` of somebody else's entry: this one comes after it.
    const record = () =>
      Promise.allSettled([
        logs.activity.append({ leaves: [leaf()] }),
        logs.state.append({ leaves: [leaf()] }),
      ])
    queueMicrotask(() => void record())
  })
}

async function copyOutside({ checkpoints }: Sam): Promise<void> {
  await Promise.all([checkpoints.state.copyOutside(), checkpoints.activity.copyOutside()])
}
