/** The class of the credential allows this way to approve, and what each item was approved on. */
import type { ApproveStatement, KeptProof } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { demand } from '../verdict.ts'

export function checkAllowed(
  { items }: Pick<ApproveStatement, 'items'>,
  { kind }: Pick<KeptProof, 'kind'>,
  { approvals, bases }: Pick<CredentialClass, 'approvals' | 'bases'>,
): void {
  demand(approvals.includes(kind), 'proof-refused', `the class does not accept an approval by ${kind}`)
  const accepted = items.every(({ basis }) => bases.includes(basis))
  demand(accepted, 'basis-refused', 'an item was approved on a basis that the class does not accept')
}
