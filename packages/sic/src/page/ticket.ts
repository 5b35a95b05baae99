/**
 * Opening a ticket: nothing of it is shown before the pinned SAM key has verified it (sole-control 3).
 *
 * The ticket's times are the SAM's. The page only counts down for the signer's convenience; whether a ticket
 * is over is the SAM's to say (sole-control 12).
 */
import type { Verifier } from '@natsuin/pki/platform'
import { verifyJws } from '@natsuin/protocol/approval'
import { type Shape, ShapeError } from '@natsuin/protocol/shape'
import type { Deployment } from './deployment.ts'
import { Problem } from './problem.ts'

/** @throws Problem `sam-key-unknown`, `ticket-not-genuine`, `ticket-other-deployment` */
export async function openTicket<T extends { readonly deployment: string }>(
  ticketText: string,
  shape: Shape<T>,
  { samKey, deployment }: Deployment,
  verifier: Verifier,
): Promise<T> {
  if (samKey === undefined) throw new Problem('sam-key-unknown')
  const ticket = await genuine(ticketText, shape, samKey, verifier)
  if (ticket === undefined) throw new Problem('ticket-not-genuine')
  if (ticket.deployment !== deployment) throw new Problem('ticket-other-deployment')
  return ticket
}

async function genuine<T>(ticketText: string, shape: Shape<T>, samKey: Uint8Array, verifier: Verifier) {
  try {
    return await verifyJws(ticketText, 'natsuin-ticket', shape, samKey, verifier)
  } catch (error) {
    // A genuine ticket for another purpose has another shape, and is not one for this page either.
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

interface Lifetime {
  readonly issuedAt: number
  readonly expiresAt: number
}

/**
 * Seconds that are probably left, never negative.
 *
 * @param wallSeconds    the page's clock, seconds since 1970; used only if it agrees with the ticket
 * @param openedSeconds  how long ago the page received the ticket, by a clock that only runs forward
 */
export function secondsLeft(
  { issuedAt, expiresAt }: Lifetime,
  wallSeconds: number,
  openedSeconds: number,
): number {
  const upper = expiresAt - issuedAt - openedSeconds
  const clockAgrees = wallSeconds - openedSeconds >= issuedAt && wallSeconds - openedSeconds < expiresAt
  const left = clockAgrees ? Math.min(upper, expiresAt - wallSeconds) : upper
  return Math.max(0, Math.floor(left))
}
