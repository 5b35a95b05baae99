/** The first roster is the one that the deployment was founded on: its digest is leaf 0. */
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type Roster, rosterBytes } from '@natsuin/protocol/genesis'
import { demand } from '../verdict.ts'

export async function checkFounded(
  roster: Roster,
  leaf: { readonly rosterDigest: Uint8Array },
  platform: Digest,
): Promise<void> {
  const same = equal(await digestOfRoster(roster, platform), leaf.rosterDigest)
  demand(same && roster.version === 1, 'roster-not-founded', 'another roster was founded at genesis')
}

export function digestOfRoster(roster: Roster, platform: Digest): Promise<Uint8Array> {
  return platform.digest('sha256', rosterBytes(roster))
}
