/** The class of the credential allows this way to approve, and what each item was approved on. */
import type { ApproveStatement, KeptProof, SubjectAttributes } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { demand } from '../verdict.ts'

interface Approvable {
  readonly subject: SubjectAttributes
  readonly class: Pick<CredentialClass, 'approvals' | 'bases'>
}

export function checkAllowed(
  { items }: Pick<ApproveStatement, 'items'>,
  { kind }: Pick<KeptProof, 'kind'>,
  { subject, class: { approvals, bases } }: Approvable,
): void {
  demand(approvals.includes(kind), 'proof-refused', `the class does not accept an approval by ${kind}`)
  const isAllowed = kind !== 'seal-key' || subject.organizationIdentifier !== undefined
  demand(isAllowed, 'proof-refused', 'software sealed in the name of a person')
  const accepted = items.every(({ basis }) => bases.includes(basis))
  demand(accepted, 'basis-refused', 'an item was approved on a basis that the class does not accept')
}
