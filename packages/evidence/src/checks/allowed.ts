/** The class of the credential allows this way to approve, and each item: on what it was approved, and as what. */
import {
  type ApproveStatement,
  isDocumentItem,
  type KeptProof,
  type SubjectAttributes,
} from '@natsuin/protocol/approval'
import type { CredentialClass, Level } from '@natsuin/protocol/genesis'
import { demand } from '../verdict.ts'

interface Approvable {
  readonly subject: SubjectAttributes
  readonly level: Level
  readonly class: Pick<CredentialClass, 'approvals' | 'bases'>
}

export function checkAllowed(
  { items }: Pick<ApproveStatement, 'items'>,
  { kind }: Pick<KeptProof, 'kind'>,
  { subject, level, class: { approvals, bases } }: Approvable,
): void {
  demand(approvals.includes(kind), 'proof-refused', `the class does not accept an approval by ${kind}`)
  const isAllowed = kind !== 'seal-key' || subject.organizationIdentifier !== undefined
  demand(isAllowed, 'proof-refused', 'software sealed in the name of a person')
  const accepted = items.every(({ basis }) => bases.includes(basis))
  demand(accepted, 'basis-refused', 'an item was approved on a basis that the class does not accept')
  const isWholeFile = items.some(item => isDocumentItem(item) && item.hashType === 'sodr')
  demand(level < 3 || !isWholeFile, 'hash-type-refused', 'at level 3 the digest of a whole file was approved')
}
