/**
 * Witnesses whom the verifier knows have cosigned the heads of both logs: then no second history was shown to anybody
 * else. Without any of them nothing is said of that.
 */
import type { Platform } from '@natsuin/pki/platform'
import type { Evidence } from '@natsuin/protocol/evidence'
import { findCosignature, readVkey, type WitnessKey } from '@natsuin/protocol/log'
import { ShapeError } from '@natsuin/protocol/shape'
import type { EvidenceQuestion } from '../question.ts'
import { BrokenLink, demand, type Witnessed } from '../verdict.ts'

/** Those of the pinned witnesses who cosigned both. */
export function checkWitnesses(
  { stateLog, activityLog }: Evidence,
  question: Question,
): Promise<readonly Witnessed[]> {
  return cosignersOf([stateLog.checkpoint, activityLog.checkpoint], question)
}

/** Those of the pinned witnesses who cosigned all of these heads. */
export async function cosignersOf(
  checkpoints: readonly string[],
  { witnesses, platform }: Question,
): Promise<readonly Witnessed[]> {
  if (witnesses === undefined) return []
  const found: Witnessed[] = []
  for (const vkey of witnesses.vkeys) {
    const at = await seenAt(checkpoints, await readKey(vkey, platform), platform)
    if (at !== undefined) found.push({ name: vkey.slice(0, vkey.indexOf('+')), at: new Date(at * 1000) })
  }
  const { quorum = witnesses.vkeys.length } = witnesses
  demand(found.length >= quorum, 'not-witnessed', `${found.length} of ${quorum} witnesses cosigned`)
  return found
}

type Question = Pick<EvidenceQuestion, 'witnesses' | 'platform'>

async function seenAt(
  checkpoints: readonly string[],
  key: WitnessKey,
  platform: Platform,
): Promise<number | undefined> {
  const found = await Promise.all(checkpoints.map(checkpoint => findCosignature(checkpoint, key, platform)))
  return found.some(one => one === undefined) ? undefined : Math.min(...found.map(one => one?.at ?? 0))
}

async function readKey(vkey: string, platform: Platform): Promise<WitnessKey> {
  try {
    return await readVkey(vkey, platform)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('not-witnessed', `${vkey}: ${error.message}`)
  }
}
