/** The answers with a SAD, and those that have none yet: CSC API v1.0.4.0, 11.6; v2.0.0.2, 11.6, 11.7 and 11.10. */
import type { authorizeResponse, Formed } from '@natsuin/protocol/csc'
import { epochSeconds } from '../../clock.ts'
import { Reply, type Services } from '../method.ts'

/** @param given the value that stands for the SAD, and when it expires, in seconds */
export function givenOut(
  { value, expiresAt }: { readonly value: string; readonly expiresAt: number },
  { clock }: Pick<Services, 'clock'>,
): Formed<typeof authorizeResponse> {
  return { SAD: value, expiresIn: expiresAt - epochSeconds(clock()) }
}

/** The standard says nothing of how often to ask; a signer takes seconds at least. */
const ASK_AGAIN_SECONDS = '2'

export const stillRunning = (handle: string): Reply =>
  new Reply(202, { handle }, { 'retry-after': ASK_AGAIN_SECONDS })
