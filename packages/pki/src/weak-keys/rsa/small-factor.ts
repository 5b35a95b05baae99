import type { RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/** Divisible by a prime below 2^12: no product of two large primes. */
export const smallFactor: KeyRule<RsaNumbers> = {
  reason: 'rsa-small-factor',
  isWeak: ({ modulus }) => SMALL_PRIMES.some(prime => modulus % prime === 0n),
}

const LIMIT = 2 ** 12

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}

const SMALL_PRIMES = Array.from({ length: LIMIT - 2 }, (_, i) => i + 2)
  .filter(isPrime)
  .map(BigInt)
