/** What the files of this folder share: how a change is applied to a roster, and how it cannot be. */
import { digestSync } from '@natsuin/pki/node'
import type { ChangeKind, ChangeOf } from '@natsuin/protocol/administration'
import type { Registration } from '@natsuin/protocol/approval'
import type { PersonPasskey, Roster } from '@natsuin/protocol/genesis'
import { Refusal } from '@natsuin/protocol/refusal'
import type { StateMemory } from '../../audit/state-memory.ts'
import { registeredPasskey } from '../../roster/registered-passkey.ts'

/** What was and may not be again. */
export type Remembered = Pick<StateMemory, 'isRegistered' | 'wasProvider'>

/** The roster as the change leaves it. @throws ImpossibleChange */
export type Apply<K extends ChangeKind> = (
  roster: Roster,
  change: ChangeOf<K>,
  remembered: Remembered,
) => Roster

/** The change does not fit this roster; the message says why, for those who proposed it. */
export class ImpossibleChange extends Error {}

/** A passkey that was never anybody's. @throws ImpossibleChange */
export function newPasskey(
  registration: Registration,
  personId: string,
  roster: Roster,
  { isRegistered }: Pick<StateMemory, 'isRegistered'>,
): PersonPasskey {
  const passkey = checked(registration, personId, roster)
  // A signer's stays a signer's, and one that was taken away does not come back (EN 419 241-1:2018, SRG_M.1.5).
  if (!isRegistered(digestSync('sha256', passkey.publicKey))) return passkey
  throw new ImpossibleChange(`person ${personId}: the passkey is or was registered`)
}

function checked(registration: Registration, personId: string, roster: Roster): PersonPasskey {
  try {
    return registeredPasskey(registration, personId, roster)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new ImpossibleChange(`person ${personId}: ${error.code}`, { cause: error })
  }
}

interface Named {
  readonly id: string
}

/** The list without the one of this id. @throws ImpossibleChange when there is none */
export function without<T extends Named>(all: readonly T[], id: string, what: string): readonly T[] {
  if (!all.some(one => one.id === id)) throw new ImpossibleChange(`${what} ${id}: there is none`)
  return all.filter(one => one.id !== id)
}

/** The list with this one in the place of the one of its id, or at its end. */
export function withOne<T extends Named>(all: readonly T[], given: T): readonly T[] {
  return all.some(({ id }) => id === given.id)
    ? all.map(one => (one.id === given.id ? given : one))
    : [...all, given]
}
