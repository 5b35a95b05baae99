/** What a verifier of an export learns: a value, never an exception. */
import type { LeafEvent } from '@natsuin/protocol/log'
import type { Witnessed } from '../verdict.ts'

export type AuditReason =
  | 'sam-key-not-pinned'
  | 'checkpoint-not-genuine'
  | 'not-witnessed'
  /** The export lacks a log that the state log names, or has one that it does not. */
  | 'log-missing'
  | 'log-of-another'
  /** Fewer leaves than a signed head says. */
  | 'leaves-missing'
  /** More leaves than the signed head covers. */
  | 'leaves-surplus'
  /** The leaves lead to another root than the signed head has. */
  | 'leaves-changed'
  /** A leaf that no SAM of ours writes. */
  | 'leaf-unreadable'
  /** Whole, and yet not what a head says that was signed or kept earlier. */
  | 'history-differs'
  /** The logs say what a SAM never does. */
  | 'records-contradict'

/** Leaves `from` to `to - 1` of a log. */
export interface Place {
  readonly log: string
  readonly from: number
  readonly to: number
}

export interface AuditedLog {
  readonly name: string
  readonly size: number
  /** By the SAM's clock; undefined in an empty log. */
  readonly firstAt: Date | undefined
  readonly lastAt: Date | undefined
  /** How many leaves there are of each kind. */
  readonly events: Readonly<Partial<Record<LeafEvent, number>>>
  /** Of the witnesses whom the verifier named, those who cosigned this head. */
  readonly witnesses: readonly Witnessed[]
  /** Leaves whose time is before that of the leaf before them: the order of a log is that of its leaves. */
  readonly timesBack: number
  /** Activations that were granted and have no outcome: what was going on when the export was made, or broke off. */
  readonly open: number
}

export interface AuditFacts {
  readonly logs: readonly AuditedLog[]
  /** Whether the state log was there; without it only each log by itself was judged. */
  readonly compared: boolean
}

export type AuditVerdict =
  | { readonly valid: true; readonly facts: AuditFacts }
  | {
      readonly valid: false
      readonly reason: AuditReason
      readonly detail: string
      readonly place: Place | undefined
    }

/** Leaves the check that found it; `verifyAudit` turns it into a verdict. */
export class AuditFailure extends Error {
  readonly reason: AuditReason
  readonly place: Place | undefined

  constructor(reason: AuditReason, detail: string, place?: Place) {
    super(detail)
    this.reason = reason
    this.place = place
  }
}
