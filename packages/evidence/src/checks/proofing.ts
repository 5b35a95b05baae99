/** The person's identity was proven as well and as recently as the class demands. */
import type { EnrolmentGrant } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { demand } from '../verdict.ts'

const DAY_MILLISECONDS = 86_400_000

/** @param at milliseconds: when the log says that the grant was accepted, or the key made */
export function checkProofing(
  { proofing: { level, completedAt } }: Pick<EnrolmentGrant, 'proofing'>,
  { proofing: floor }: Pick<CredentialClass, 'proofing'>,
  at: number,
): void {
  demand(level >= floor.minLevel, 'proofing-insufficient', `identity was proven at level ${level} only`)
  const age = at - completedAt * 1000
  const fits = age >= 0 && age <= floor.maxAgeDays * DAY_MILLISECONDS
  demand(fits, 'proofing-insufficient', 'identity was not proven in the time before')
}
