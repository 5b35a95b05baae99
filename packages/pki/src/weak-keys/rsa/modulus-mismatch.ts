import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'

/** The modulus is the product of the two primes (RFC 8017, 3.2). */
export const modulusMismatch: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-modulus-mismatch',
  isWeak: ({ modulus, prime1, prime2 }) => prime1 * prime2 !== modulus,
}
