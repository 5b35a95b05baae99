import type { RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/**
 * Fermat's method: a modulus whose primes are close together is a difference of two squares near its root. A
 * hundred rounds find the keys of CVE-2022-26320 at once; random primes would take longer than the universe.
 */
export const closePrimes: KeyRule<RsaNumbers> = {
  reason: 'rsa-close-primes',
  isWeak({ modulus }) {
    const root = squareRoot(modulus)
    if (root * root === modulus) return true
    for (let a = root + 1n; a <= root + ROUNDS; a++) {
      const rest = a * a - modulus
      const b = squareRoot(rest)
      if (b * b === rest) return true
    }
    return false
  },
}

const ROUNDS = 100n

/** The largest integer whose square is not above the value; by Newton's method from above. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let above = 1n << BigInt(Math.ceil(value.toString(2).length / 2))
  for (;;) {
    const next = (above + value / above) >> 1n
    if (next >= above) return above
    above = next
  }
}
