import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'

/** RFC 8017, 3.2 allows more primes than two; FIPS 186-5, 5.1 does not, and each one is shorter. */
export const multiPrime: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-multi-prime',
  isWeak: ({ otherPrimes }) => otherPrimes > 0,
}
