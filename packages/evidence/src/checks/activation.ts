/** The activation was for this approval, and what it signed is among what was approved. */

import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type ApprovalItem, isDocumentItem } from '@natsuin/protocol/approval'
import type { Evidence } from '@natsuin/protocol/evidence'
import { commitmentText, documentCommitmentText } from '@natsuin/protocol/log'
import { demand, demanded } from '../verdict.ts'
import type { CheckedApproval } from './approval.ts'
import type { IncludedLeaves } from './logs.ts'

export async function checkActivation(
  activation: Evidence['activation'],
  { statement, ticket, sadId }: CheckedApproval,
  { granted, completed }: IncludedLeaves,
  platform: Digest,
): Promise<ApprovalItem> {
  const { activationId, index, signatureValue } = activation
  const same = granted.activationId === activationId && completed.activationId === activationId
  demand(same, 'activation-for-another', 'the log records another activation')
  const allowed = granted.sadId === sadId && granted.credentialId === ticket.credential.id
  demand(allowed, 'activation-for-another', 'the activation was under another approval')
  const commitment = await platform.digest('sha256', committed(ticket.nonce, activation))
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
  const item = statement.items.find(candidate => isApproved(candidate, activation))
  return demanded(item, 'digest-not-approved', 'the signer did not approve this digest')
}

type Signed = Pick<Evidence['activation'], 'dtbsr' | 'made'>

const committed = (nonce: Uint8Array, { dtbsr, made }: Signed): Uint8Array =>
  made === undefined ? commitmentText(nonce, dtbsr) : documentCommitmentText(nonce, { ...made, dtbsr })

/** As what it was signed for: the digest of a document is no DTBS/R, and of a whole file not what its format signs. */
function isApproved(item: ApprovalItem, { dtbsr, made }: Signed): boolean {
  if (!isDocumentItem(item)) return made === undefined && equal(item.dtbsr, dtbsr)
  return (
    made !== undefined && made.hashType === item.hashType && equal(made.documentDigest, item.documentDigest)
  )
}
