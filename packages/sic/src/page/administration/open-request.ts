/**
 * What somebody of the roster is asked to approve: the request that his ticket names, set against the roster that the
 * request names (sole-control 8).
 *
 * Whoever carries it, `server` or a person, is not believed: the ticket is the SAM's, and everything shown follows from
 * it by digests.
 */
import { equal } from '@natsuin/pki/encoding'
import type { Digest, Verifier } from '@natsuin/pki/platform'
import {
  type AdministerStatement,
  type AdministrativeRequest,
  type CarriedRequest,
  requestBytes,
} from '@natsuin/protocol/administration'
import { type AdministerTicket, administerTicket, toWire } from '@natsuin/protocol/approval'
import { rosterBytes } from '@natsuin/protocol/genesis'
import { writeJson } from '@natsuin/protocol/shape'
import type { Deployment } from '../deployment.ts'
import { Problem } from '../problem.ts'
import { openTicket } from '../ticket.ts'
import { shownAct } from './shown-act.ts'
import type { ShownChange } from './shown-change.ts'

export interface OpenedRequest {
  /** Opened with the pinned SAM key. */
  readonly ticket: AdministerTicket
  readonly request: AdministrativeRequest
  readonly changes: readonly ShownChange[]
  /** What the passkey answers. */
  readonly statement: Uint8Array<ArrayBuffer>
  /** WebAuthn credential ids of his passkeys. */
  readonly allow: readonly Uint8Array[]
  /** `performance.now()` when it arrived. */
  readonly openedAt: number
}

/** @throws Problem those of `openTicket`, `request-inconsistent` */
export async function openRequest(
  { ticket: ticketText, allow, request, roster }: CarriedRequest,
  deployment: Deployment,
  platform: Digest & Verifier,
): Promise<OpenedRequest> {
  const openedAt = performance.now()
  const ticket = await openTicket(ticketText, administerTicket, deployment, platform)
  const isNamed = async (bytes: Uint8Array, digest: Uint8Array) =>
    equal(await platform.digest('sha256', bytes), digest)
  const holds =
    request.deployment === ticket.deployment &&
    (await isNamed(requestBytes(request), ticket.requestDigest)) &&
    (await isNamed(rosterBytes(roster), request.roster.digest))
  if (!holds) throw new Problem('request-inconsistent')
  const statement = { v: 1, purpose: 'administer', ticket: ticketText, request } as const
  return {
    ticket,
    request,
    changes: await shownAct(request.act, roster, platform),
    statement: writeJson(toWire(statement satisfies AdministerStatement)),
    allow,
    openedAt,
  }
}
