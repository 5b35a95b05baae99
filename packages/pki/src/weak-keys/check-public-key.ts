/**
 * Whether a public key may be used at all: the rules that need no more than what everybody can see, in the order
 * in which they may rely on each other. For keys that come from elsewhere; what the module made needs none.
 */
import { toHex } from '../encoding/bytes.ts'
import { curveUnknown } from './ec/curve-unknown.ts'
import { parametersExplicit } from './ec/parameters-explicit.ts'
import { pointForm } from './ec/point-form.ts'
import { pointInfinite } from './ec/point-infinite.ts'
import { pointOffCurve } from './ec/point-off-curve.ts'
import { type EcNumbers, type PublicNumbers, type RsaNumbers, readPublicNumbers } from './key-numbers.ts'
import { publishedKeys } from './published-keys.ts'
import type { WeakKeyReason } from './reasons.ts'
import { closePrimes } from './rsa/close-primes.ts'
import { exponentEven } from './rsa/exponent-even.ts'
import { exponentSize } from './rsa/exponent-size.ts'
import { infineon } from './rsa/infineon.ts'
import { modulusSize } from './rsa/modulus-size.ts'
import { sharedFactor } from './rsa/shared-factor.ts'
import { smallFactor } from './rsa/small-factor.ts'
import { firstReason, type KeyPlatform, type KeyRule, type RuleContext } from './rule.ts'

export const RSA_PUBLIC_RULES: readonly KeyRule<RsaNumbers>[] = [
  modulusSize,
  exponentEven,
  exponentSize,
  smallFactor,
  closePrimes,
  infineon,
  sharedFactor,
]

export const EC_PUBLIC_RULES: readonly KeyRule<EcNumbers>[] = [
  parametersExplicit,
  curveUnknown,
  pointInfinite,
  pointForm,
  pointOffCurve,
]

/** What is compared with beside the key itself. */
export interface KnownKeys {
  /** SHA-256 of DER SubjectPublicKeyInfo, hexadecimal: keys to refuse beside the published ones. */
  readonly refused: ReadonlySet<string>
  readonly otherModuli: readonly bigint[]
}

export const NO_KNOWN_KEYS: KnownKeys = { refused: new Set(), otherModuli: [] }

/**
 * The first rule that refuses the key; `undefined` when none does.
 *
 * @param spki  DER SubjectPublicKeyInfo
 * @throws DerError when it is not one
 */
export function weaknessOfPublicKey(
  spki: Uint8Array,
  platform: KeyPlatform,
  known: KnownKeys = NO_KNOWN_KEYS,
): WeakKeyReason | undefined {
  const { refused, otherModuli } = known
  const reason = weaknessOfNumbers(readPublicNumbers(spki), { platform, otherModuli })
  if (reason !== undefined) return reason
  const digest = toHex(platform.digest(spki))
  return publishedKeys.has(digest) || refused.has(digest) ? 'key-published' : undefined
}

function weaknessOfNumbers(key: PublicNumbers, context: RuleContext): WeakKeyReason | undefined {
  if (key.kind === 'rsa') return firstReason(RSA_PUBLIC_RULES, key, context)
  if (key.kind === 'ec') return firstReason(EC_PUBLIC_RULES, key, context)
  return key.kind === 'other' ? 'key-kind' : undefined
}
