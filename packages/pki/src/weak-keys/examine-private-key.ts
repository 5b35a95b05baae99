/**
 * Whether a private key may be used: every number in it is what the others make it, and none is one that somebody
 * could guess. Only a key that passed comes out, written again and with the public key that its secret gives, so
 * that nothing of what came along with it is believed.
 */
import { equal } from '../encoding/bytes.ts'
import { buildEcPrivateKeyInfo, buildEd25519PrivateKeyInfo, buildRsaPrivateKeyInfo } from '../pkcs8/build.ts'
import type { EcPrivateKey, Ed25519PrivateKey, PrivateKey, RsaPrivateKey } from '../pkcs8/private-key.ts'
import { subjectPublicKeyBits } from '../x509/public-key.ts'
import { EC_PUBLIC_RULES, type KnownKeys, NO_KNOWN_KEYS, weaknessOfPublicKey } from './check-public-key.ts'
import { curveUnknown } from './ec/curve-unknown.ts'
import { parametersExplicit } from './ec/parameters-explicit.ts'
import { secretRange } from './ec/secret-range.ts'
import type { WeakKeyReason } from './reasons.ts'
import { crtMismatch } from './rsa/crt-mismatch.ts'
import { exponentEven } from './rsa/exponent-even.ts'
import { exponentMismatch } from './rsa/exponent-mismatch.ts'
import { exponentSize } from './rsa/exponent-size.ts'
import { modulusMismatch } from './rsa/modulus-mismatch.ts'
import { modulusSize } from './rsa/modulus-size.ts'
import { multiPrime } from './rsa/multi-prime.ts'
import { primeComposite } from './rsa/prime-composite.ts'
import { primesEqual } from './rsa/primes-equal.ts'
import { primesNear } from './rsa/primes-near.ts'
import { primesSize } from './rsa/primes-size.ts'
import { privateExponentSmall } from './rsa/private-exponent-small.ts'
import { firstReason, type KeyPlatform, type KeyRule } from './rule.ts'

/** The size first: everything after it is work that grows with it. */
export const RSA_PRIVATE_RULES: readonly KeyRule<RsaPrivateKey>[] = [
  modulusSize,
  privateExponentSmall,
  exponentEven,
  exponentSize,
  multiPrime,
  modulusMismatch,
  primesEqual,
  primesSize,
  primesNear,
  primeComposite,
  exponentMismatch,
  crtMismatch,
]

export const EC_PRIVATE_RULES: readonly KeyRule<EcPrivateKey>[] = [
  parametersExplicit,
  curveUnknown,
  secretRange,
]

export type Examination =
  | { readonly weakness: WeakKeyReason }
  | {
      readonly weakness: undefined
      /** DER SubjectPublicKeyInfo, computed from the secret. */
      readonly spki: Uint8Array
      /** DER PrivateKeyInfo in the spelling of `pkcs8/build.ts`. */
      readonly privateKeyInfo: Uint8Array
    }

/** Takes up to a second for RSA: call it in a worker. */
export function examinePrivateKey(
  key: PrivateKey,
  platform: KeyPlatform,
  known: KnownKeys = NO_KNOWN_KEYS,
): Examination {
  const examination = examineNumbers(key, platform)
  if (examination.weakness !== undefined) return examination
  const weakness = weaknessOfPublicKey(examination.spki, platform, known)
  return weakness === undefined ? examination : { weakness }
}

function examineNumbers(key: PrivateKey, platform: KeyPlatform): Examination {
  if (key.kind === 'rsa') return examineRsa(key, platform)
  if (key.kind === 'ec') return examineEc(key, platform)
  if (key.kind === 'ed25519') return examineEd25519(key, platform)
  return { weakness: 'key-kind' }
}

function examineRsa(key: RsaPrivateKey, platform: KeyPlatform): Examination {
  const weakness = firstReason(RSA_PRIVATE_RULES, key, { platform, otherModuli: [] })
  if (weakness !== undefined) return { weakness }
  return rewritten(buildRsaPrivateKeyInfo(key), platform) ?? { weakness: 'public-key-mismatch' }
}

function examineEc(key: EcPrivateKey, platform: KeyPlatform): Examination {
  const context = { platform, otherModuli: [] }
  const { parameters, curve, secret, point } = key
  const brought = point && firstReason(EC_PUBLIC_RULES, { kind: 'ec', parameters, curve, point }, context)
  const weakness = firstReason(EC_PRIVATE_RULES, key, context) ?? brought
  if (weakness !== undefined || curve === undefined) return { weakness: weakness ?? 'ec-curve-unknown' }
  const computed = rewritten(buildEcPrivateKeyInfo(curve, secret), platform)
  if (computed === undefined) return { weakness: 'ec-secret-range' }
  const bits = subjectPublicKeyBits(computed.spki)
  if (point !== undefined && !equal(point, bits)) return { weakness: 'public-key-mismatch' }
  return { ...computed, privateKeyInfo: buildEcPrivateKeyInfo(curve, secret, bits) }
}

function examineEd25519({ seed, publicKey }: Ed25519PrivateKey, platform: KeyPlatform): Examination {
  const computed = rewritten(buildEd25519PrivateKeyInfo(seed), platform)
  const isOwn = publicKey === undefined || (computed && equal(publicKey, subjectPublicKeyBits(computed.spki)))
  return computed === undefined || !isOwn ? { weakness: 'public-key-mismatch' } : computed
}

/** With the public key that the platform computes; `undefined` when it refuses the key. */
function rewritten(privateKeyInfo: Uint8Array, platform: KeyPlatform) {
  const spki = platform.publicKey(privateKeyInfo)
  return spki && { weakness: undefined, spki, privateKeyInfo }
}
