/** The signer approved this statement for this credential, in one of the ways in which he can. */
import { equal } from '@natsuin/pki/encoding'
import {
  type ApproveStatement,
  type ApproveTicket,
  approveStatement,
  approveTicket,
  toWire,
} from '@natsuin/protocol/approval'
import type { ApprovalEvidence } from '@natsuin/protocol/evidence'
import type { Leaf } from '@natsuin/protocol/log'
import { writeJson } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { type ApprovedWith, demand } from '../verdict.ts'
import { checkAllowed } from './allowed.ts'
import type { AttestedKey } from './attestation.ts'
import type { EnrolledSigner } from './enrolment.ts'
import { checkProof } from './proofs/proofs.ts'
import { readStatement, readTicket } from './statement.ts'

export interface CheckedApproval {
  readonly statement: ApproveStatement
  readonly ticket: ApproveTicket
  readonly sadId: string
  readonly approvedWith: ApprovedWith
}

export async function checkApproval(
  approval: ApprovalEvidence,
  { signer, attestation }: { signer: EnrolledSigner; attestation: AttestedKey },
  leaf: Extract<Leaf, { event: 'sad-accepted' }>,
  sam: Sam,
): Promise<CheckedApproval> {
  const statement = readStatement(approval.statement, approveStatement)
  const ticket = await readTicket(statement.ticket, approveTicket, sam)
  const { signerId, credentialId } = attestation
  const own = ticket.signer.id === signerId && ticket.credential.id === credentialId
  demand(own, 'approval-for-another', 'the approval is for another signer or credential')
  demand(statement.numSignatures === statement.items.length, 'statement-invalid', 'the counts differ')
  checkAllowed(statement, approval.proof, attestation)
  const proven = { statement: approval.statement, ticket, signer, sam }
  const approvedWith = await checkProof(approval.proof, proven)
  await checkRecorded(approval, leaf, sam)
  const recorded =
    leaf.signerId === signerId && leaf.credentialId === credentialId && leaf.clientId === ticket.client.id
  demand(recorded, 'approval-for-another', 'the log records an approval by another signer')
  return { statement, ticket, sadId: leaf.sadId, approvedWith }
}

async function checkRecorded(
  { statement, proof }: ApprovalEvidence,
  leaf: Extract<Leaf, { event: 'sad-accepted' }>,
  { platform }: Sam,
): Promise<void> {
  const statementDigest = await platform.digest('sha256', statement)
  const proofDigest = await platform.digest('sha256', writeJson(toWire(proof)))
  const same = equal(statementDigest, leaf.statementDigest) && equal(proofDigest, leaf.proofDigest)
  demand(same, 'approval-for-another', 'the log records another approval')
}
