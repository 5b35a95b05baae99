/**
 * Takes over both logs of a SAM at start: the state log, then the SAM's own activity log (sole-control 9).
 *
 * Each must extend the copy of its head outside; the activity log also the head that the state log names of it, so
 * that the two cannot be put back apart from each other.
 */
import {
  type ActivityLeaf,
  activityLeaf,
  activityLog,
  originOf,
  STATE_LOG,
  type StateLeaf,
  stateLeaf,
} from '@natsuin/protocol/log'
import type { SamKey } from '../keys/sam-key.ts'
import type { Logs } from '../sam.ts'
import type { Store } from '../store/store.ts'
import { checkpointFiles, readCheckpointFile } from './checkpoints.ts'
import type { HeadSeal } from './head-seal.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { genuineHead, type OpenedLog, openLog } from './open-log.ts'
import type { LogSource } from './read-log.ts'
import { StateMemory } from './state-memory.ts'

export interface OpenLogsOptions {
  readonly instance: string
  readonly store: Store
  readonly logOrigin: string
  readonly checkpointDirectory: string
  readonly key: Pick<SamKey, 'spki'>
  readonly seal: HeadSeal
}

export interface OpenedLogs {
  readonly state: StateMemory
  /** Activations that were granted and have no outcome. */
  readonly unsettled: readonly string[]
  /** Milliseconds; the newest time that one of them shows to have come. */
  readonly newestAt: number
  /** The copies of their heads that were found outside. */
  readonly outside: readonly string[]
  journals(callbacks: Pick<JournalOptions<never>, 'certain' | 'onRecords' | 'onClosed' | 'wait'>): Logs
}

/** A SAM that cannot write one of them does nothing. */
export function closeLogs(logs: Logs): void {
  for (const journal of Object.values(logs)) journal.close()
}

/** @throws LogRejected */
export async function openLogs(options: OpenLogsOptions): Promise<OpenedLogs> {
  const state = new StateMemory()
  const unsettled = new Set<string>()
  const sources = sourcesOf(options)
  const files = checkpointFiles(options.checkpointDirectory)
  const outside = {
    state: await readCheckpointFile(files.state),
    activity: await readCheckpointFile(files.activity),
  }
  const openedState = await openState(options, sources.state, outside.state, state)
  const openedActivity = await openActivity(options, sources.activity, outside.activity, state, unsettled)
  return {
    outside: Object.values(outside),
    state,
    unsettled: [...unsettled],
    newestAt: Math.max(openedState.newestAt, openedActivity.newestAt),
    journals: callbacks => ({
      state: new Journal({
        ...callbacks,
        source: sources.state,
        end: openedState,
        writers: 'many',
        onLeaf: leaf => state.replay(leaf),
      }),
      activity: new Journal({
        ...callbacks,
        source: sources.activity,
        end: openedActivity,
        writers: 'one',
      }),
    }),
  }
}

export function sourcesOf({
  instance,
  store,
  logOrigin,
  seal,
}: Pick<OpenLogsOptions, 'instance' | 'store' | 'logOrigin' | 'seal'>) {
  const activity = activityLog(instance)
  return {
    state: { store, log: STATE_LOG, origin: originOf(logOrigin, STATE_LOG), shape: stateLeaf, seal },
    activity: { store, log: activity, origin: originOf(logOrigin, activity), shape: activityLeaf, seal },
  } as const
}

async function openState(
  { key }: OpenLogsOptions,
  source: LogSource<StateLeaf>,
  outside: string,
  state: StateMemory,
): Promise<OpenedLog> {
  return openLog(source, [await genuineHead(outside, key.spki)], leaf => state.replay(leaf))
}

async function openActivity(
  { instance, key }: OpenLogsOptions,
  source: LogSource<ActivityLeaf>,
  outside: string,
  state: StateMemory,
  unsettled: Set<string>,
): Promise<OpenedLog> {
  const named = state.activityCheckpoint(instance)
  const checkpoints = named === undefined ? [outside] : [outside, named]
  const known = await Promise.all(checkpoints.map(checkpoint => genuineHead(checkpoint, key.spki)))
  return openLog(source, known, leaf => {
    if (leaf.event === 'granted') unsettled.add(leaf.activationId)
    if (leaf.event === 'completed' || leaf.event === 'settled') unsettled.delete(leaf.activationId)
  })
}
