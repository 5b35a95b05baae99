/**
 * The person's identity was proven as well and as recently as the class demands (requirements C-ID-2 and C-ID-4).
 *
 * Asked when officers vouch, and again when the key is made: between the two a record may have become too old.
 */
import type { ProofingRecord } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'

const DAY_SECONDS = 86_400

/** @param now seconds, by the SAM's clock @throws Refusal `proofing-too-low`, `proofing-out-of-time` */
export function checkProofing(
  { level, completedAt }: ProofingRecord,
  { proofing: floor }: CredentialClass,
  now: number,
): void {
  if (level < floor.minLevel) throw refuse('proofing-too-low')
  const isFuture = completedAt > now
  const isTooOld = now - completedAt > floor.maxAgeDays * DAY_SECONDS
  if (isFuture || isTooOld) throw refuse('proofing-out-of-time')
}
