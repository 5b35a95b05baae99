import type { RsaNumbers } from '../key-numbers.ts'
import type { KeyRule } from '../rule.ts'

/**
 * Keys of a chip library whose primes are k·M + (65537^a mod M), M a product of the first primes (ROCA,
 * CVE-2017-15361): half their bits can be computed from the modulus.
 *
 * The modulus of such a key is a power of 65537 modulo every prime of M. A random one is so for all of these with a
 * chance of about 2^-28.
 */
export const infineon: KeyRule<RsaNumbers> = {
  reason: 'rsa-infineon',
  isWeak: ({ modulus }) => POWERS.every(({ prime, powers }) => powers.has(Number(modulus % prime))),
}

// The odd primes of the smallest M in use, that of 512-bit keys.
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]

const POWERS = PRIMES.map(prime => ({ prime: BigInt(prime), powers: powersOf(65537 % prime, prime) }))

function powersOf(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * base) % prime) powers.add(power)
  return powers
}
