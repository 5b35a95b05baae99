/**
 * `sads/extend` — a SAD goes on, under a new bearer value and for a while longer (sole-control 4; CSC API v2.0.0.2, 11.9).
 *
 * It allows nothing that was not approved: what is asked for must be approved and not yet signed, what was used stays
 * used, and no extension reaches beyond an hour after the approval. The old bearer value is dead in the turn in which the
 * new one is made, so of two extensions at once one has a SAD (threats T-SAD-17).
 */
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { sadRecordOf } from './accept-approval.ts'
import type { ActiveSad } from './active-sad.ts'
import { bearerDigest, newBearer } from './bearer.ts'
import { VerifiedExtension } from './checks.ts'

/** From the approval on (threats 4). */
const LONGEST_SECONDS = 3600

/** @throws Refusal `sad-unknown` and those of `EXTENSION_CHECKS` */
export async function extendSad(
  sam: Sam,
  request: SapRequest<'sads/extend'>,
): Promise<SapResponse<'sads/extend'>> {
  const sad = sam.sads.find(bearerDigest(request.sad))
  if (sad === undefined) throw refuse('sad-unknown')
  const { bearer, extended } = extend(sam, VerifiedExtension.check({ sam, sad, request }))
  await extended
  await sam.failpoint('sad-extended')
  const { sadId, signerId, credentialId, clientId, numSignatures, expiresAt } = sad.terms
  return { sad: bearer, sadId, signerId, credentialId, clientId, numSignatures, expiresAt }
}

/** In the turn in which it was verified: from here on the old value is nobody's. */
function extend(sam: Sam, { facts: { sad } }: VerifiedExtension) {
  const now = sam.time.seconds()
  const bearer = newBearer()
  sam.sads.remove(sad)
  sad.extend(bearerDigest(bearer), lastingUntil(sad, now))
  const { sadId, expiresAt } = sad.terms
  const record = sam.records.seal('sad', sadId, sad.version, sadRecordOf(sad))
  const extended = sam.logs.activity
    .append({
      leaves: [{ event: 'sad-extended', at: sam.time.milliseconds(), sadId, expiresAt }],
      records: () => [record],
    })
    .then(() => sam.sads.add(sad, now))
  // What is on disk about it is no longer known.
  extended.catch(() => sad.void())
  return { bearer, extended }
}

function lastingUntil({ terms }: ActiveSad, now: number): number {
  const { acceptedAt, expiresAt, lifetimeSeconds } = terms
  const longest = acceptedAt + LONGEST_SECONDS
  return Math.max(expiresAt, Math.min(now + lifetimeSeconds, longest))
}
