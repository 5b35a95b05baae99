import { bitLength, type RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/**
 * New keys have 3072 or 4096 bits: TS 119 312 lets moduli below 3000 bits end in 2026, and longer ones than the
 * module makes only cost time.
 */
export const modulusSize: KeyRule<RsaNumbers> = {
  reason: 'rsa-modulus-size',
  isWeak: ({ modulus }) => ![3072, 4096].includes(bitLength(modulus)),
}
