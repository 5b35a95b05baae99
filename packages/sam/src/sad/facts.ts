/** What the checks of this folder look at. A check takes the facts, and throws a refusal or does nothing. */
import type { ApproveStatement, ApproveTicket } from '@natsuin/protocol/approval'
import type { SapRequest } from '@natsuin/protocol/sap'
import type { Sam } from '../sam.ts'
import type { Authenticator, CredentialRecord, SignerRecord } from '../store/record-shapes.ts'
import type { Answer } from '../tickets/open-answer.ts'
import type { ActiveSad } from './active-sad.ts'

/** An approval that may become a SAD. Its ticket is genuine, ours, fresh and unspent. */
export interface ApprovalFacts {
  readonly sam: Pick<Sam, 'roster' | 'counters' | 'state' | 'time'>
  readonly answer: Answer<ApproveStatement, 'approve'>
  readonly statement: ApproveStatement
  readonly ticket: ApproveTicket
  readonly credential: CredentialRecord
  readonly signer: SignerRecord
  /** The one of the signer's authenticators that answered. */
  readonly authenticator: Authenticator
}

/** A request to sign with a SAD. */
export interface UseFacts {
  readonly sam: Pick<Sam, 'state' | 'time'>
  readonly sad: ActiveSad
  readonly request: SapRequest<'sign'>
}

export type ApprovalCheck = (facts: ApprovalFacts) => void
export type UseCheck = (facts: UseFacts) => void
