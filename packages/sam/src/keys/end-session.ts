/** Ends the session of a key that lives for one: the key is gone at once, then the log says so. */
import { Refusal } from '@natsuin/protocol/refusal'
import { NotCommitted } from '../audit/journal.ts'
import type { Sam } from '../sam.ts'
import { recordDestruction } from './destroy.ts'

/**
 * What was signed stays signed, so a log that cannot be written withholds nothing: the next start says what is missing.
 */
export async function endSession(sam: Sam, credentialId: string): Promise<void> {
  sam.oneTimeKeys.forget(credentialId)
  try {
    await recordDestruction(sam, credentialId, 'one-time')
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof NotCommitted)) throw error
  }
}

/** Sessions whose time is over. */
export async function endOverdueSessions(sam: Sam): Promise<void> {
  for (const credentialId of sam.oneTimeKeys.overdue(sam.time.seconds())) await endSession(sam, credentialId)
}

/** Keys that were in the memory of a process that is no more: gone already, and not yet said to be. */
export async function settleLostSessions(sam: Sam): Promise<void> {
  for (const credentialId of sam.state.lostWith(sam.identity.instance)) await endSession(sam, credentialId)
}
