import type { RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** Between 2^16 and 2^256 (FIPS 186-5, 5.1): small ones leave structure, large ones go with small secrets. */
export const exponentSize: KeyRule<RsaNumbers> = {
  reason: 'rsa-exponent-size',
  isWeak: ({ publicExponent }) => publicExponent < 2n ** 16n || publicExponent >= 2n ** 256n,
}
