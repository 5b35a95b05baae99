import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'

/** A square is factored by taking its root. */
export const primesEqual: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-primes-equal',
  isWeak: ({ prime1, prime2 }) => prime1 === prime2,
}
