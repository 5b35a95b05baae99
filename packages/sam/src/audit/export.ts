/**
 * `audit/*` — the logs as an auditor takes them away: heads, leaves, and proofs that nothing before was changed.
 *
 * Answered also by a SAM that can no longer act. Nothing here is believed by who takes it: everything is verified
 * against the signed heads (`evidence/audit`).
 */
import { activityLog, BLOCK_LEAVES, type LogName, peekCheckpoint, STATE_LOG } from '@natsuin/protocol/log'
import type { AdministrationRequest, AdministrationResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { STORED_LEVELS } from './merkle-tree.ts'
import { consistencyProof } from './stored-proofs.ts'

type SignedHead = AdministrationResponse<'audit/logs'>['logs'][number]

/** The state log's head is taken last: it names heads of the others, and may name none beyond those taken. */
export async function listLogs(sam: Sam): Promise<AdministrationResponse<'audit/logs'>> {
  for (;;) {
    const activities = await Promise.all(
      sam.state.instances.map(instance => headOf(sam, activityLog(instance))),
    )
    const state = await headOf(sam, STATE_LOG)
    const taken = new Map(activities.map(({ log, checkpoint }) => [log, peekCheckpoint(checkpoint).size]))
    const isWhole = sam.state.instances.every(
      instance => namedSize(sam, instance) <= (taken.get(activityLog(instance)) ?? -1),
    )
    if (isWhole) return { samKey: sam.key.spki, logs: [state, ...activities] }
  }
}

/** @throws Refusal `log-unavailable` when there is no such log, or some of it is missing */
export async function readLeaves(
  { store }: Sam,
  { log, block }: AdministrationRequest<'audit/leaves'>,
): Promise<AdministrationResponse<'audit/leaves'>> {
  const from = block * BLOCK_LEAVES
  const rows = await store.rows(log, from, BLOCK_LEAVES)
  if (rows.some(({ index }, i) => index !== from + i)) throw refuse('log-unavailable', { log, block })
  const [root] = await store.hashes(log, STORED_LEVELS, block, 1)
  return { leaves: rows.map(({ leaf }) => leaf), ...(root && { root }) }
}

/** @throws Refusal `log-unavailable` when there is no such log, or it is shorter */
export async function proveConsistency(
  sam: Sam,
  { log, size }: AdministrationRequest<'audit/consistency'>,
): Promise<AdministrationResponse<'audit/consistency'>> {
  const { checkpoint } = await headOf(sam, log)
  const newest = peekCheckpoint(checkpoint).size
  if (size > newest) throw refuse('log-unavailable', { log, size, newest })
  const proof = await consistencyProof(size, newest, (level, from, count) =>
    sam.store.hashes(log, level, from, count),
  )
  return { checkpoint, proof }
}

/** The journal of a log that this SAM writes knows more than is stored about it: that it is genuine. */
async function headOf(sam: Sam, log: LogName): Promise<SignedHead> {
  const { checkpoints, logs, storedHeads, identity } = sam
  if (log === STATE_LOG) return { log, checkpoint: await checkpoints.state.covering(logs.state.size) }
  if (log !== activityLog(identity.instance)) return { log, checkpoint: await storedHeads.sign(log) }
  return { log, checkpoint: await checkpoints.activity.covering(logs.activity.size) }
}

const namedSize = ({ state }: Sam, instance: string): number =>
  peekCheckpoint(state.activityCheckpoint(instance) ?? '').size
