/** The activation was for this approval, and what it signed is among what was approved. */

import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { Evidence } from '@natsuin/protocol/evidence'
import { commitmentText } from '@natsuin/protocol/log'
import { demand, demanded } from '../verdict.ts'
import type { CheckedApproval } from './approval.ts'
import type { IncludedLeaves } from './logs.ts'

export async function checkActivation(
  activation: Evidence['activation'],
  { statement, ticket, sadId }: CheckedApproval,
  { granted, completed }: IncludedLeaves,
  platform: Digest,
): Promise<ApprovalItem> {
  const { activationId, index, dtbsr, signatureValue } = activation
  const same = granted.activationId === activationId && completed.activationId === activationId
  demand(same, 'activation-for-another', 'the log records another activation')
  const allowed = granted.sadId === sadId && granted.credentialId === ticket.credential.id
  demand(allowed, 'activation-for-another', 'the activation was under another approval')
  const commitment = await platform.digest('sha256', commitmentText(ticket.nonce, dtbsr))
  const signed = granted.commitments[index]
  demand(
    signed !== undefined && equal(signed, commitment),
    'activation-for-another',
    'another digest was granted',
  )
  const digest = await platform.digest('sha256', signatureValue)
  const recorded = completed.signatureDigests[index]
  demand(
    recorded !== undefined && equal(recorded, digest),
    'signature-not-recorded',
    'another value was recorded',
  )
  const item = statement.items.find(candidate => equal(candidate.dtbsr, dtbsr))
  return demanded(item, 'digest-not-approved', 'the signer did not approve this digest')
}
