import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'

/** Both primes are prime, which only the platform can say. */
export const primeComposite: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-prime-composite',
  isWeak: ({ prime1, prime2 }, { platform }) => !platform.isPrime(prime1) || !platform.isPrime(prime2),
}
