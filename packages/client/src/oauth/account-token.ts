/** `account_token`: which account of the service the application means (CSC API v2.0.0.2, 8.4; v1.0.4.0, 8.3). */
import { utf8 } from '@natsuin/pki/encoding'
import { buildJwt, numericDate } from './jwt.ts'

export interface AccountTokenClaims {
  readonly clientId: string
  readonly clientSecret: string
  /** The Account ID that the application gave the user, and the operator of the service knows. */
  readonly accountId: string
  /** The application's name. */
  readonly issuer?: string
}

/**
 * Says which account an authorisation is about, for services that take none but accounts they know. It is good for one
 * authorisation: make a new one each time.
 */
export async function accountToken({
  clientId,
  clientSecret,
  ...claims
}: AccountTokenClaims): Promise<string> {
  // The key is the digest of the secret, not the secret: the standard's own construction.
  const digest = await crypto.subtle.digest('SHA-256', utf8(clientSecret))
  const key = await crypto.subtle.importKey('raw', digest, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const { accountId: sub, issuer: iss } = claims
  const payload = { sub, iat: numericDate(), jti: crypto.randomUUID(), iss, azp: clientId }
  return await buildJwt({ typ: 'JWT', alg: 'HS256' }, payload, async input => {
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, Uint8Array.from(input)))
  })
}
