import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import { bitLength } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** FIPS 186-5, A.1.1: the primes differ in their first hundred bits. */
export const primesNear: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-primes-near',
  isWeak({ modulus, prime1, prime2 }) {
    const distance = prime1 > prime2 ? prime1 - prime2 : prime2 - prime1
    return distance <= 2n ** BigInt((bitLength(modulus) >> 1) - 100)
  },
}
