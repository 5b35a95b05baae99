/**
 * An authenticator of which there is a copy is nobody's proof any more (threats T-WA-06, WebAuthn Level 3, 7.2).
 *
 * Sticky like a removal, but by the SAM itself, and it may be the last one: the way back is another authenticator of the
 * same signer, which removes it, or a new enrolment.
 */
import { remove } from '../audit/removals.ts'
import type { Sam } from '../sam.ts'

/** Effective at once; resolves when the copy outside the database has it. */
export async function suspendAuthenticator(sam: Sam, authenticatorId: string): Promise<void> {
  const { state, time, alert } = sam
  alert('authenticator-suspended', { authenticatorId, reason: REASON })
  await remove(sam, {
    refuseInMemory: () => state.suspendAuthenticator(authenticatorId),
    isLogged: () => state.isSuspensionLogged(authenticatorId),
    leaf: () => ({
      event: 'authenticator-suspended',
      at: time.milliseconds(),
      authenticatorId,
      reason: REASON,
    }),
    failpoint: 'authenticator-suspended',
  })
}

const REASON = 'counter-regression'
