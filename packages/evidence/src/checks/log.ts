/**
 * The log: a genuine checkpoint, and every leaf included under it, of the right kind and in the right order.
 *
 * Order matters as much as inclusion: an approval recorded after the signature it allows would prove nothing.
 */
import type { Platform } from '@natsuin/pki/platform'
import type { Evidence } from '@natsuin/protocol/evidence'
import {
  type Leaf,
  type LeafEvent,
  leaf as leafShape,
  type TreeHead,
  verifyCheckpoint,
} from '@natsuin/protocol/log'
import { readStrictJson, ShapeError } from '@natsuin/protocol/shape'
import { isIncluded } from '../inclusion.ts'
import { BrokenLink, demand, demanded } from '../verdict.ts'

type LogEvidence = Evidence['log']
type LeafOf<E extends LeafEvent> = Extract<Leaf, { event: E }>

/** In the order in which they must have happened. */
const EVENTS = {
  genesis: 'genesis',
  grantAccepted: 'grant-accepted',
  enrolled: 'enrolled',
  keyGenerated: 'key-generated',
  certificateLinked: 'certificate-linked',
  sadAccepted: 'sad-accepted',
  granted: 'granted',
  completed: 'completed',
} as const satisfies Record<Exclude<keyof LogEvidence, 'checkpoint'>, LeafEvent>

export type IncludedLeaves = { readonly [K in keyof typeof EVENTS]: LeafOf<(typeof EVENTS)[K]> }
export type Logged = IncludedLeaves & { readonly head: TreeHead }

export async function checkLog(log: LogEvidence, samKey: Uint8Array, platform: Platform): Promise<Logged> {
  const head = await genuineHead(log.checkpoint, samKey, platform)
  const names = Object.keys(EVENTS) as (keyof typeof EVENTS)[] // the keys of EVENTS, which keys() forgets
  const leaves = await Promise.all(
    names.map(async name => [name, await includedLeaf(log, name, head, platform)]),
  )
  demand(log.genesis.index === 0, 'leaf-not-included', 'genesis is not leaf 0')
  const ordered = names.every((name, i) => i === 0 || log[name].index > log[names[i - 1] ?? name].index)
  demand(ordered, 'leaves-out-of-order', 'the log records the steps in another order')
  return { ...(Object.fromEntries(leaves) as IncludedLeaves), head } // one entry per name, each of its event
}

async function genuineHead(checkpoint: string, samKey: Uint8Array, platform: Platform): Promise<TreeHead> {
  try {
    const head = await verifyCheckpoint(checkpoint, samKey, platform)
    return demanded(head, 'checkpoint-not-genuine', 'the checkpoint is not signed by the SAM key')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('checkpoint-not-genuine', error.message)
  }
}

async function includedLeaf(
  log: LogEvidence,
  name: keyof typeof EVENTS,
  head: TreeHead,
  platform: Platform,
): Promise<Leaf> {
  const included = await isIncluded(log[name], head, platform)
  demand(included, 'leaf-not-included', `the ${EVENTS[name]} record is not under the checkpoint`)
  const leaf = readLeaf(log[name].leaf)
  demand(
    leaf.event === EVENTS[name],
    'leaf-of-other-kind',
    `${leaf.event} stands where ${EVENTS[name]} belongs`,
  )
  return leaf
}

function readLeaf(bytes: Uint8Array): Leaf {
  try {
    return readStrictJson(bytes, leafShape)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('leaf-of-other-kind', error.message)
  }
}
