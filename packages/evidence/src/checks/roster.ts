/** The roster is the one that the deployment was founded on: its digest is leaf 0. */
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { toWire } from '@natsuin/protocol/approval'
import type { Roster } from '@natsuin/protocol/genesis'
import { writeJson } from '@natsuin/protocol/shape'
import { demand } from '../verdict.ts'

export async function checkRoster(
  roster: Roster,
  leaf: { readonly rosterDigest: Uint8Array },
  platform: Digest,
) {
  const digest = await platform.digest('sha256', writeJson(toWire(roster)))
  demand(equal(digest, leaf.rosterDigest), 'roster-not-founded', 'another roster was founded at genesis')
}
