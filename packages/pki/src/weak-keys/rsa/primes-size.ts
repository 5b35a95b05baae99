import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import { bitLength } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** FIPS 186-5, A.1.1: both have half the bits of the modulus; the shorter one would be all there is to find. */
export const primesSize: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-primes-size',
  isWeak: ({ modulus, prime1, prime2 }) =>
    [prime1, prime2].some(prime => bitLength(prime) * 2 !== bitLength(modulus)),
}
