/**
 * Who approved may still act: what a stolen authenticator approved dies with it (threats T-WA-13), and what a provider
 * vouched for with the provider, or when the person logs out there (threats T-IDP-07, T-IDP-10).
 */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { SadTerms } from './active-sad.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkApprover: ExtensionCheck = ({ sam, sad }) => checkMayApprove(sam, sad.terms)

/** @throws Refusal `authenticator-unknown`, `authenticator-suspended`, `provider-unknown`, `log-in-ended` */
export function checkMayApprove(
  { state, rosters, logOuts }: Pick<Sam, 'state' | 'rosters' | 'logOuts'>,
  { approvedBy, vouchedBy }: Pick<SadTerms, 'approvedBy' | 'vouchedBy'>,
): void {
  if (approvedBy !== undefined && state.isRemoved(approvedBy)) throw refuse('authenticator-unknown')
  if (approvedBy !== undefined && state.isSuspended(approvedBy)) throw refuse('authenticator-suspended')
  if (vouchedBy === undefined) return
  if (rosters.provider(vouchedBy.account.providerId) === undefined) throw refuse('provider-unknown')
  if (logOuts.isOver(vouchedBy)) throw refuse('log-in-ended')
}
