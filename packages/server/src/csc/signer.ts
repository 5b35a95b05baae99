/** The member `userID`: whose credentials are meant. CSC API v2.0.0.2, 8.1 and 11.4. */
import { type ServiceAccess, signersOf } from '../oauth/access-tokens.ts'
import { RequestRefused } from './errors.ts'

/**
 * A signer's token names its signer, so a client that names one too contradicts itself or hopes to. A client that
 * comes by itself must say for whom, out of those whom it was registered to act for.
 */
export function readSigner(userId: unknown, access: ServiceAccess): string {
  if (access.signerId !== undefined) {
    if (userId !== undefined) throw new RequestRefused('user-id-present')
    return access.signerId
  }
  const meant = signersOf(access).find(signerId => signerId === userId)
  if (meant === undefined) throw new RequestRefused('user-id-invalid')
  return meant
}
