/**
 * A way to approve, in the three steps in which it is judged.
 *
 * *Opened* before the statement is parsed: that the proof is for these bytes. *Loaded* before the turn in which
 * everything is checked, because that turn waits for nothing. *Checked* and *taken* in that turn.
 */
import type { ApproveStatement, ApproveTicket, KeptProof } from '@natsuin/protocol/approval'
import type { VouchedBy } from '../../providers/log-outs.ts'
import type { Sam } from '../../sam.ts'
import type { CredentialRecord, SignerRecord } from '../../store/record-shapes.ts'
import type { StoredRecord } from '../../store/store.ts'

/** What is approved, by whom, with which credential. Its ticket is genuine, ours, fresh and unspent. */
export interface Approving {
  readonly statement: ApproveStatement
  readonly ticket: ApproveTicket
  /** SHA-256 of the statement's bytes. */
  readonly challenge: Uint8Array
  readonly credential: CredentialRecord
  readonly signer: SignerRecord
}

/** The bytes that were approved. */
export interface Approved {
  readonly bytes: Uint8Array
  /** Their SHA-256. */
  readonly challenge: Uint8Array
}

export interface OpenedProof {
  /** @throws Refusal when what it is to be judged by is not there */
  load(sam: Sam, approving: Approving): Promise<LoadedProof>
}

export interface LoadedProof {
  /** What the record and the evidence keep of it. */
  readonly kept: KeptProof
  /** The authenticator, if one gave it: what it approved is void when it is removed. */
  readonly approvedBy: string | undefined
  /** The account at a provider, if that vouched for the signer: the approval is void when either is over. */
  readonly vouchedBy?: VouchedBy
  /** @throws Refusal unless the signer approved with it, as the credential demands */
  check(): void
  /** It counts from now on, in the turn in which it was checked; gives the records that say so. */
  take(): readonly StoredRecord[]
  /** After a write that did not happen: what is on disk decides again. */
  forget(): void
}
