import type { RsaPrivateKey } from '../../pkcs8/private-key.ts'
import type { KeyRule } from '../rule.ts'

/** RFC 8017, 3.2: e·d is 1 modulo p − 1 and modulo q − 1, and d is below the modulus. */
export const exponentMismatch: KeyRule<RsaPrivateKey> = {
  reason: 'rsa-exponent-mismatch',
  isWeak({ modulus, publicExponent, privateExponent, prime1, prime2 }) {
    const product = publicExponent * privateExponent
    const isInverse = [prime1, prime2].every(prime => product % (prime - 1n) === 1n)
    return !isInverse || privateExponent >= modulus
  },
}
