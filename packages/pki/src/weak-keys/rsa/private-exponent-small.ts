import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import { bitLength } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** FIPS 186-5, A.1.1: above half the modulus, or it can be computed from the public key (Wiener, Boneh and Durfee). */
export const privateExponentSmall: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-private-exponent-small',
  isWeak: ({ modulus, privateExponent }) => privateExponent <= 2n ** BigInt(bitLength(modulus) >> 1),
}
