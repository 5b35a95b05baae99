/** What every operation of the SAM works with. */
import type { CryptoModule } from '@natsuin/crypto-module'
import type { Roster } from '@natsuin/protocol/genesis'
import type { ActivityLeaf, StateLeaf } from '@natsuin/protocol/log'
import type { Ongoing, Settled } from './activation/ongoing.ts'
import type { Quarantine } from './activation/quarantine.ts'
import type { Proposals } from './administration/proposals.ts'
import type { Archive } from './audit/archive.ts'
import type { Checkpoints } from './audit/checkpoints.ts'
import type { Journal } from './audit/journal.ts'
import type { StateMemory } from './audit/state-memory.ts'
import type { StoredHeads } from './audit/stored-head.ts'
import type { Attempts } from './codes/attempts.ts'
import type { SentCodes } from './codes/sent-codes.ts'
import type { Failpoint } from './failpoints.ts'
import type { RestorationHold } from './keys/backup/restoration-hold.ts'
import type { BoxKey } from './keys/box-key.ts'
import type { RotationProgress } from './keys/master-key/rotation-progress.ts'
import type { OneTimeKeys } from './keys/one-time-keys.ts'
import type { SamKey } from './keys/sam-key.ts'
import type { Lease } from './lease/lease.ts'
import type { Peers } from './lease/peers.ts'
import type { LogOuts } from './providers/log-outs.ts'
import type { TokenEndpoints } from './providers/token-endpoint.ts'
import type { RosterInForce } from './roster/roster-in-force.ts'
import type { SadBook } from './sad/sad-book.ts'
import type { SealedRecords } from './store/sealed-records.ts'
import type { Store } from './store/store.ts'
import type { SpentRequests } from './tickets/spent-requests.ts'
import type { SamIdentity, TicketOffice } from './tickets/ticket-office.ts'
import type { SamTime } from './time/sam-time.ts'
import type { Counters } from './webauthn/counters.ts'

export interface Sam {
  /** The one in force; an amendment puts another in its place. @throws Refusal `roster-changed` */
  readonly roster: Roster
  readonly rosters: RosterInForce
  /** What people of the roster have been asked to approve. */
  readonly proposals: Proposals
  readonly identity: SamIdentity
  readonly limits: SamLimits
  readonly module: CryptoModule
  readonly key: SamKey
  readonly store: Store
  readonly records: SealedRecords
  readonly logs: Logs
  readonly checkpoints: { readonly [L in keyof Logs]: Checkpoints }
  /** What the state log says. */
  readonly state: StateMemory
  /** The right to act on it. */
  readonly lease: Lease
  /** The other SAMs of this deployment. */
  readonly peers: Pick<Peers, 'know'>
  readonly storedHeads: StoredHeads
  /** Where old leaves go; undefined where they stay in the database. */
  readonly archive: Archive | undefined
  readonly tickets: TicketOffice
  /** Request objects that were approved here. */
  readonly requests: SpentRequests
  readonly counters: Counters
  /** Of PIN and code. */
  readonly attempts: Attempts
  /** To approve with, made here. */
  readonly sentCodes: SentCodes
  /** Opens what pages encrypt for this process alone. */
  readonly boxKey: BoxKey
  /** Of identity providers. */
  readonly tokenEndpoints: TokenEndpoints
  /** At identity providers. */
  readonly logOuts: LogOuts
  readonly sads: SadBook
  /** Keys that live for one session, in this memory alone. */
  readonly oneTimeKeys: OneTimeKeys
  /** Keeps everything from being done after a restoration that nobody has agreed to. */
  readonly hold: RestorationHold
  /** Where what the SAM's keys are recognised by is kept; an empty path is no file. */
  readonly keyWitnessFile: string
  /** Of the master key. */
  readonly rotation: RotationProgress
  /** Keys that the module signed wrongly with. */
  readonly quarantine: Quarantine
  /** Activations that were granted and have no outcome yet, by id. */
  readonly ongoing: Map<string, Ongoing>
  /** Activations whose outcome is known and could not be recorded yet. */
  readonly leftOpen: Map<string, Settled>
  readonly time: SamTime
  readonly failpoint: Failpoint
  /** Tells the operator what somebody has to look at: identifiers and codes, as in the log of the process. */
  readonly alert: (what: string, fields: Readonly<Record<string, unknown>>) => void
}

/** What exists and what was taken away, for all SAMs; and what this one does (`protocol/log`). */
export interface Logs {
  readonly state: Journal<StateLeaf>
  readonly activity: Journal<ActivityLeaf>
}

export interface SamLimits {
  /** Lifetime of tickets that belong to no class: to enrol, to grant. */
  readonly ticketSeconds: number
  /** How long after a SAD's expiry a retry still gets the stored values. */
  readonly retrySeconds: number
  /** How long after the end of his last certificate a signer's records are kept. */
  readonly retentionDays: number
  /** `refused` leaves per second; refusals beyond it are answered and not logged. */
  readonly refusalsPerSecond: number
}
