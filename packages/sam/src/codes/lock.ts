/**
 * Locks PIN and code of a signer for a while, after too many guesses (sole-control 9): memory first, then the state log,
 * then the copy outside. Other ways in which he approves go on (threats T-OTP-06).
 */
import { remove } from '../audit/removals.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `means-locked` */
export function checkUnlocked({ state, time }: Pick<Sam, 'state' | 'time'>, signerId: string): void {
  if (time.seconds() < state.lockedUntil(signerId)) throw refuse('means-locked')
}

/** Resolves when the copy outside the database has it. @param until seconds */
export async function lock(sam: Sam, signerId: string, until: number): Promise<void> {
  const { state, time, alert } = sam
  alert('means-locked', { signerId, until })
  await remove(sam, {
    refuseInMemory: () => state.lock(signerId, until),
    isLogged: () => state.isLockLogged(signerId, until),
    leaf: () => ({ event: 'means-locked', at: time.milliseconds(), signerId, until }),
    failpoint: 'means-locked',
  })
}
