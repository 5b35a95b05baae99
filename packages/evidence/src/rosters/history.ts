/**
 * The rosters of a deployment, from the one of genesis on: each amendment is replayed, and each roster is the one whose
 * digest the state log holds (sole-control 8).
 *
 * People are judged by the roster that was in force when they acted. The records of what they did say which one that
 * was, so that an amendment that is left out is missed.
 */
import type { Platform } from '@natsuin/pki/platform'
import type { Evidence } from '@natsuin/protocol/evidence'
import type { Roster } from '@natsuin/protocol/genesis'
import type { TreeHead } from '@natsuin/protocol/log'
import { checkIncluded } from '../checks/logs.ts'
import type { Sam } from '../sam.ts'
import { demand, demanded } from '../verdict.ts'
import { checkAmendment } from './amendment.ts'
import { checkFounded } from './founded.ts'

/** A record that was made while a roster was in force. */
export interface RecordedUnder {
  /** Where it stands in the state log. */
  readonly index: number
  readonly rosterVersion: number
}

interface InForce {
  readonly roster: Roster
  /** Where the state log says that it came into force. */
  readonly index: number
}

export class RosterHistory {
  readonly #rosters: readonly InForce[]
  readonly #key: Uint8Array
  readonly #platform: Platform

  constructor(rosters: readonly InForce[], key: Uint8Array, platform: Platform) {
    this.#rosters = rosters
    this.#key = key
    this.#platform = platform
  }

  /** The deployment as it was when this was recorded. */
  at({ index, rosterVersion }: RecordedUnder): Sam {
    const found = this.#rosters[rosterVersion - 1]
    const { roster, index: from } = demanded(
      found,
      'roster-missing',
      `version ${rosterVersion} of the roster is missing`,
    )
    demand(from < index, 'leaves-out-of-order', `version ${rosterVersion} of the roster came later`)
    return { key: this.#key, roster, platform: this.#platform }
  }
}

export async function checkRosters(
  { roster, amendments, stateLog }: Pick<Evidence, 'roster' | 'amendments' | 'stateLog'>,
  genesis: { readonly rosterDigest: Uint8Array },
  sam: { readonly head: TreeHead; readonly key: Uint8Array; readonly platform: Platform },
): Promise<RosterHistory> {
  const { head, key, platform } = sam
  await checkFounded(roster, genesis, platform)
  const rosters: InForce[] = [{ roster, index: stateLog.genesis.index }]
  for (const { approvals, leaf: proof } of amendments) {
    const newest = rosters.at(-1) ?? { roster, index: 0 }
    const leaf = await checkIncluded(proof, 'roster-amended', head, platform)
    demand(proof.index > newest.index, 'leaves-out-of-order', 'amendments in another order')
    const next = await checkAmendment(approvals, leaf, { key, roster: newest.roster, platform })
    rosters.push({ roster: next, index: proof.index })
  }
  return new RosterHistory(rosters, key, platform)
}
