/** How signers approve, what they approve, and on what: the words in classes, tickets and statements. */
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

/** What a digest is of where the DTBS/R is made after the approval (`hashType` of CSC v2.2). */
export const documentHashType = oneOf('sdr', 'sodr')

/**
 * What an approved digest is: the DTBS/R; of the signer's document as its format defines it, in a PDF the ByteRange
 * (`sdr`); or of the whole file as the signer had it (`sodr`).
 */
export const hashType = oneOf('dtbsr', 'sdr', 'sodr')

export const approvalKinds = list(approvalKind, { min: 1, max: 6 })
export const itemBases = list(itemBasis, { min: 1, max: 3 })

export type ApprovalKind = Shaped<typeof approvalKind>
export type ItemBasis = Shaped<typeof itemBasis>
export type DocumentHashType = Shaped<typeof documentHashType>
export type HashType = Shaped<typeof hashType>

/** Whether an identity provider vouches for the signer. */
export const isByProvider = (kind: ApprovalKind): boolean =>
  kind === 'provider' || kind === 'provider-and-passkey'
