import type { RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** An even exponent has no inverse: it encrypts and signs nothing (FIPS 186-5, 5.1). */
export const exponentEven: KeyRule<RsaNumbers> = {
  reason: 'rsa-exponent-even',
  isWeak: ({ publicExponent }) => publicExponent % 2n === 0n,
}
