/** The authenticator that approved may still act: what a stolen one approved dies with it (threats T-WA-13). */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { SadTerms } from './active-sad.ts'
import type { UseCheck } from './facts.ts'

export const checkApprover: UseCheck = ({ sam, sad }) => checkMayApprove(sam, sad.terms)

/** @throws Refusal `authenticator-unknown`, `authenticator-suspended` */
export function checkMayApprove(
  { state }: Pick<Sam, 'state'>,
  { approvedBy }: Pick<SadTerms, 'approvedBy'>,
): void {
  if (approvedBy === undefined) return
  if (state.isRemoved(approvedBy)) throw refuse('authenticator-unknown')
  if (state.isSuspended(approvedBy)) throw refuse('authenticator-suspended')
}
