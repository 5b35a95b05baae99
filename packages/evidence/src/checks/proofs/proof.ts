/** What a proof of an approval is judged by, and what it shows: one file of this folder per way to approve. */
import type { ApproveTicket } from '@natsuin/protocol/approval'
import type { Sam } from '../../sam.ts'
import type { EnrolledSigner } from '../enrolment.ts'

export interface ProvenStatement {
  /** The bytes that were approved. */
  readonly statement: Uint8Array
  readonly ticket: ApproveTicket
  readonly signer: EnrolledSigner
  readonly sam: Sam
}
