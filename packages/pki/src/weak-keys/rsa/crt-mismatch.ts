import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'

/**
 * The three values that shorten the computation (RFC 8017, 3.2) are those of this key: with a wrong one each
 * signature gives a prime away.
 */
export const crtMismatch: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-crt-mismatch',
  isWeak({ privateExponent, prime1, prime2, exponent1, exponent2, coefficient }) {
    const isExponents =
      exponent1 === privateExponent % (prime1 - 1n) && exponent2 === privateExponent % (prime2 - 1n)
    return !isExponents || coefficient >= prime1 || (coefficient * prime2) % prime1 !== 1n
  },
}
