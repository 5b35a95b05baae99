/**
 * The logs: a genuine checkpoint of each, and every leaf included under it, of the right kind and in the right order.
 *
 * Order matters as much as inclusion: an approval recorded after the signature it allows would prove nothing. Across
 * the two logs the order follows from how much of the state log the SAM knew when it wrote a leaf of its own.
 */
import type { Platform } from '@natsuin/pki/platform'
import type { Evidence, IncludedLeaf } from '@natsuin/protocol/evidence'
import {
  activityLog,
  type Leaf,
  type LeafEvent,
  leaf as leafShape,
  originOf,
  STATE_LOG,
  type TreeHead,
  verifyCheckpoint,
} from '@natsuin/protocol/log'
import { readStrictJson, ShapeError } from '@natsuin/protocol/shape'
import { isIncluded } from '../inclusion.ts'
import { BrokenLink, demand, demanded } from '../verdict.ts'

type LeafOf<E extends LeafEvent> = Extract<Leaf, { event: E }>

/** In the order in which they must have happened. */
const STATE = {
  genesis: 'genesis',
  grantAccepted: 'grant-accepted',
  enrolled: 'enrolled',
  keyGenerated: ['key-generated', 'key-imported'],
  certificateLinked: 'certificate-linked',
} as const satisfies Record<Exclude<keyof Evidence['stateLog'], 'checkpoint'>, OneOf>

const ACTIVITY = {
  sadAccepted: 'sad-accepted',
  granted: 'granted',
  completed: 'completed',
} as const satisfies Record<Exclude<keyof Evidence['activityLog'], 'checkpoint'>, LeafEvent>

/** An event, or several of which one must have happened. */
type OneOf = LeafEvent | readonly LeafEvent[]
type Events = Readonly<Record<string, OneOf>>
type LeavesOf<T extends Events> = {
  readonly [K in keyof T]: LeafOf<T[K] extends readonly (infer E)[] ? E & LeafEvent : T[K] & LeafEvent>
}
type LogProof<T extends Events> = { readonly checkpoint: string } & { readonly [K in keyof T]: IncludedLeaf }

export type IncludedLeaves = LeavesOf<typeof STATE> & LeavesOf<typeof ACTIVITY>
export type Logged = IncludedLeaves & {
  readonly heads: { readonly state: TreeHead; readonly activity: TreeHead }
}

export async function checkLogs(
  { stateLog, activityLog: ownLog }: Pick<Evidence, 'stateLog' | 'activityLog'>,
  samKey: Uint8Array,
  platform: Platform,
): Promise<Logged> {
  const state = await checkLog(stateLog, STATE, samKey, platform)
  const activity = await checkLog(ownLog, ACTIVITY, samKey, platform)
  demand(stateLog.genesis.index === 0, 'leaf-not-included', 'genesis is not leaf 0')
  const { sadAccepted, granted } = activity.leaves
  const known =
    stateLog.certificateLinked.index < sadAccepted.stateSize &&
    sadAccepted.stateSize <= granted.stateSize &&
    granted.stateSize <= state.head.size
  demand(known, 'leaves-out-of-order', 'the SAM did not know then what the state log records')
  return { ...state.leaves, ...activity.leaves, heads: { state: state.head, activity: activity.head } }
}

/** That the two are logs of one deployment, the activity log that of this SAM. */
export function checkOrigins({ state, activity }: Logged['heads'], instance: string): void {
  const suffix = originOf('', STATE_LOG)
  const logOrigin = state.origin.slice(0, -suffix.length)
  const same =
    state.origin === originOf(logOrigin, STATE_LOG) &&
    activity.origin === originOf(logOrigin, activityLog(instance))
  demand(same, 'log-of-another', `${activity.origin} is not the log of ${instance} beside ${state.origin}`)
}

async function checkLog<T extends Events>(
  log: LogProof<T>,
  events: T,
  samKey: Uint8Array,
  platform: Platform,
): Promise<{ readonly head: TreeHead; readonly leaves: LeavesOf<T> }> {
  const head = await genuineHead(log.checkpoint, samKey, platform)
  const entries = Object.entries(events).map(([name, event]) => ({
    name,
    event,
    proof: log[name as keyof T],
  }))
  const leaves = await Promise.all(
    entries.map(async ({ name, event, proof }) => [name, await checkIncluded(proof, event, head, platform)]),
  )
  const ordered = entries.every(({ proof }, i) => i === 0 || proof.index > (entries[i - 1]?.proof.index ?? 0))
  demand(ordered, 'leaves-out-of-order', 'the log records the steps in another order')
  return { head, leaves: Object.fromEntries(leaves) as LeavesOf<T> } // one entry per name, each of its event
}

/** A head that the SAM signed. */
export async function genuineHead(
  checkpoint: string,
  samKey: Uint8Array,
  platform: Platform,
): Promise<TreeHead> {
  try {
    const head = await verifyCheckpoint(checkpoint, samKey, platform)
    return demanded(head, 'checkpoint-not-genuine', 'the checkpoint is not signed by the SAM key')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('checkpoint-not-genuine', error.message)
  }
}

/** The record of this event, if it is under the head. */
export async function checkIncluded<E extends LeafEvent>(
  proof: IncludedLeaf,
  event: E | readonly E[],
  head: TreeHead,
  platform: Platform,
): Promise<LeafOf<E>> {
  const included = await isIncluded(proof, head, platform)
  demand(included, 'leaf-not-included', `the ${event} record is not under the checkpoint`)
  const leaf = readLeaf(proof.leaf)
  const expected: readonly LeafEvent[] = [event].flat()
  demand(expected.includes(leaf.event), 'leaf-of-other-kind', `${leaf.event} stands where ${event} belongs`)
  return leaf as LeafOf<E> // told apart by its event just above
}

function readLeaf(bytes: Uint8Array): Leaf {
  try {
    return readStrictJson(bytes, leafShape)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('leaf-of-other-kind', error.message)
  }
}
