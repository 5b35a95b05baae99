/** What there is to know about a kind of act; each kind has a file of its own, and a row in `acts.ts`. */
import type { ActKind, ActOf } from '@natsuin/protocol/administration'
import type { Roster } from '@natsuin/protocol/genesis'
import type { PrivilegedOperation } from '../roster/permissions.ts'
import type { Sam } from '../sam.ts'
import type { ApprovedAct } from './approved-act.ts'

export interface ActRules<K extends ActKind> {
  /** What somebody must be permitted to do, all of it, to approve it. */
  readonly operations: (act: ActOf<K>) => readonly PrivilegedOperation[]
  /** Ids of people whom it is about: they have no say in it. */
  readonly about: (act: ActOf<K>) => readonly string[]
  /** How many people have to approve it. */
  readonly needed: (roster: Roster) => number
  /** What stands in its way, in sentences. Asked when it is proposed; `perform` judges again. */
  readonly problems: (sam: Sam, act: ActOf<K>) => Promise<readonly string[]>
  /** Does it. @throws Refusal */
  readonly perform: (sam: Sam, approved: ApprovedAct<K>) => Promise<void>
}
