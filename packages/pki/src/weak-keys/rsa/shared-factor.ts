import type { RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** Two moduli with one prime in common give both away to whoever sees them: a generator without entropy. */
export const sharedFactor: KeyRule<RsaNumbers> = {
  reason: 'rsa-shared-factor',
  isWeak: ({ modulus }, { otherModuli }) =>
    otherModuli.some(other => other !== modulus && greatestCommonDivisor(modulus, other) > 1n),
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b]
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller]
  return larger
}
