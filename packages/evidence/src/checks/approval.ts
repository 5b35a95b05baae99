/** The enrolled authenticator approved this statement, with user verification, for this credential. */
import { equal } from '@natsuin/pki/encoding'
import {
  type ApproveStatement,
  type ApproveTicket,
  approveStatement,
  approveTicket,
} from '@natsuin/protocol/approval'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import type { KeyAttestation } from '@natsuin/protocol/issuance'
import type { Leaf } from '@natsuin/protocol/log'
import type { Sam } from '../sam.ts'
import { demand } from '../verdict.ts'
import { checkAssertion } from '../webauthn/assertion.ts'
import type { EnrolledAuthenticator } from './enrolment.ts'
import { readStatement, readTicket } from './statement.ts'

export interface CheckedApproval {
  readonly statement: ApproveStatement
  readonly ticket: ApproveTicket
  readonly sadId: string
}

export async function checkApproval(
  approval: ApprovedStatement,
  { authenticator, attestation }: { authenticator: EnrolledAuthenticator; attestation: KeyAttestation },
  leaf: Extract<Leaf, { event: 'sad-accepted' }>,
  sam: Sam,
): Promise<CheckedApproval> {
  const statement = readStatement(approval.statement, approveStatement)
  const ticket = await readTicket(statement.ticket, approveTicket, sam)
  const { signerId, credentialId } = attestation
  const own = ticket.signer.id === signerId && ticket.credential.id === credentialId
  demand(own, 'approval-for-another', 'the approval is for another signer or credential')
  demand(statement.numSignatures === statement.items.length, 'statement-invalid', 'the counts differ')
  await checkAssertion(approval, authenticator, sam)
  await checkRecorded(approval, leaf, sam)
  const recorded =
    leaf.signerId === signerId && leaf.credentialId === credentialId && leaf.clientId === ticket.client.id
  demand(recorded, 'approval-for-another', 'the log records an approval by another signer')
  return { statement, ticket, sadId: leaf.sadId }
}

async function checkRecorded(
  { statement, assertion }: ApprovedStatement,
  leaf: Extract<Leaf, { event: 'sad-accepted' }>,
  { platform }: Sam,
): Promise<void> {
  const statementDigest = await platform.digest('sha256', statement)
  const assertionDigest = await platform.digest('sha256', assertion.signature)
  const same = equal(statementDigest, leaf.statementDigest) && equal(assertionDigest, leaf.assertionDigest)
  demand(same, 'approval-for-another', 'the log records another approval')
}
