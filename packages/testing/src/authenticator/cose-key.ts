/** Public keys as authenticators write them: COSE_Key (RFC 9052, 7; RFC 9053, 7.1; RFC 8230, 4). */
import type { KeyObject } from 'node:crypto'
import { fromBase64url } from '@natsuin/pki/encoding'
import { bytes, integer, map } from './cbor.ts'

export type AuthenticatorAlgorithm = 'ES256' | 'RS256'

export const coseKey: Readonly<Record<AuthenticatorAlgorithm, (key: KeyObject) => Uint8Array>> = {
  /** kty EC2 (2), alg ES256 (-7), crv P-256 (1), x, y. */
  ES256: key => {
    const { x, y } = key.export({ format: 'jwk' })
    return map(
      [integer(1), integer(2)],
      [integer(3), integer(-7)],
      [integer(-1), integer(1)],
      [integer(-2), bytes(member(x))],
      [integer(-3), bytes(member(y))],
    )
  },
  /** kty RSA (3), alg RS256 (-257), n, e. */
  RS256: key => {
    const { n, e } = key.export({ format: 'jwk' })
    return map(
      [integer(1), integer(3)],
      [integer(3), integer(-257)],
      [integer(-1), bytes(member(n))],
      [integer(-2), bytes(member(e))],
    )
  },
}

function member(encoded: string | undefined): Uint8Array {
  const decoded = fromBase64url(encoded ?? '')
  if (decoded === undefined || decoded.length === 0) throw new TypeError('the key lacks a JWK member')
  return decoded
}
