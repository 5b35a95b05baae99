/** The member `userID`: whose credentials are meant. CSC API v2.0.0.2, 8.1 and 11.4. */
import { type Access, signersOf } from '../oauth/access-tokens.ts'
import { RequestRefused } from './errors.ts'
import type { Parameters } from './parameters.ts'

/**
 * A signer's token names its signer, so a client that names one too contradicts itself or hopes to. A client that
 * comes by itself must say for whom, out of those whom it was registered to act for.
 */
export function readSigner({ userID }: Parameters, access: Access): string {
  if (access.signerId !== undefined) {
    if (userID !== undefined) throw new RequestRefused('user-id-present')
    return access.signerId
  }
  const meant = signersOf(access).find(signerId => signerId === userID)
  if (meant === undefined) throw new RequestRefused('user-id-invalid')
  return meant
}
