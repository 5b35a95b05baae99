/** How signers approve, and what an item was approved on: the words in classes, tickets and statements. */
import { list, oneOf, type Shaped } from '../shape/shape.ts'

/** Ways to approve (sole-control 4 and 7). */
export const approvalKind = oneOf(
  'passkey',
  'provider',
  'provider-and-passkey',
  'pin-totp',
  'pin-sent-code',
  'seal-key',
)

/** What a signer had of an item: the document, the word of the application's key, or neither (sole-control 4). */
export const itemBasis = oneOf('seen', 'vouched', 'unseen')

export const approvalKinds = list(approvalKind, { min: 1, max: 6 })
export const itemBases = list(itemBasis, { min: 1, max: 3 })

export type ApprovalKind = Shaped<typeof approvalKind>
export type ItemBasis = Shaped<typeof itemBasis>

/** Whether an identity provider vouches for the signer. */
export const isByProvider = (kind: ApprovalKind): boolean =>
  kind === 'provider' || kind === 'provider-and-passkey'
