/**
 * The roster that changes lead to: a table, one row for each kind of change (sole-control 8).
 *
 * All of them or none: the rules are those of every roster, and they are asked of the result.
 */
import type { Change, ChangeKind } from '@natsuin/protocol/administration'
import { toWire } from '@natsuin/protocol/approval'
import { type Roster, roster as rosterShape } from '@natsuin/protocol/genesis'
import { ShapeError } from '@natsuin/protocol/shape'
import { problemsOfRoster } from '../../roster/roster-rules.ts'
import { addPasskey, addPerson, removePasskey, removePerson, setRoles } from './change-people.ts'
import { type Apply, ImpossibleChange, type Remembered } from './change-rules.ts'
import {
  addTrustAnchor,
  removeClass,
  removeClient,
  removeProvider,
  removeTrustAnchor,
  setClass,
  setClient,
  setIssuer,
  setLevel,
  setLimits,
  setProvider,
  setQuorum,
} from './change-settings.ts'

const CHANGES: { readonly [K in ChangeKind]: Apply<K> } = {
  'person-add': addPerson,
  'person-remove': removePerson,
  'person-roles': setRoles,
  'passkey-add': addPasskey,
  'passkey-remove': removePasskey,
  'quorum-set': setQuorum,
  'class-set': setClass,
  'class-remove': removeClass,
  'client-set': setClient,
  'client-remove': removeClient,
  'provider-set': setProvider,
  'provider-remove': removeProvider,
  'trust-anchor-add': addTrustAnchor,
  'trust-anchor-remove': removeTrustAnchor,
  'issuer-set': setIssuer,
  'level-set': setLevel,
  'limits-set': setLimits,
}

/** The next version of the roster, or everything that is wrong with it, in sentences. */
export function amendedRoster(
  roster: Roster,
  changes: readonly Change[],
  remembered: Remembered,
): { readonly roster: Roster } | { readonly problems: readonly string[] } {
  try {
    const changed = changes.reduce((before, change) => apply(before, change, remembered), roster)
    // Through its own shape, so that limits of size are kept and members stand in the order that the digest is over.
    const next = rosterShape(toWire({ ...changed, version: roster.version + 1 }))
    const problems = problemsOfRoster(next)
    return problems.length === 0 ? { roster: next } : { problems }
  } catch (error) {
    if (error instanceof ImpossibleChange || error instanceof ShapeError) return { problems: [error.message] }
    throw error
  }
}

function apply(roster: Roster, change: Change, remembered: Remembered): Roster {
  // Each row takes the changes of the kind under which it stands.
  const row = CHANGES[change.kind] as Apply<ChangeKind>
  return row(roster, change as never, remembered)
}
