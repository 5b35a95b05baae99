/**
 * The request object was fresh when the ticket was issued, and is approved once (sole-control 4, step 3).
 *
 * The ticket's own lifetime bounds how long the signer may take to read; his reading does not make a request stale.
 */
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

/** threats T-PAR-04: a request that stays good for longer is one that somebody can keep. */
export const MAX_REQUEST_SECONDS = 3600

export const checkRequest: ApprovalCheck = ({ sam, ticket, signedRequest }) => {
  if (signedRequest === undefined) return
  const seconds = signedRequest.expiresAt - ticket.issuedAt
  if (seconds <= 0 || seconds > MAX_REQUEST_SECONDS) throw refuse('request-object-expired')
  sam.requests.checkUnused(signedRequest)
}
