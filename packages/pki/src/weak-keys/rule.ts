/** One rule about keys. */
import type { WeakKeyReason } from './reasons.ts'

export interface KeyRule<Key> {
  readonly reason: WeakKeyReason
  /** Rules stand in a list and may rely on those before them. */
  isWeak(key: Key, context: RuleContext): boolean
}

export interface RuleContext {
  readonly platform: KeyPlatform
  /** Moduli of other keys that are at hand, to look for a common prime. */
  readonly otherModuli: readonly bigint[]
}

/** What rules ask of the platform. */
export interface KeyPlatform {
  /** Whether it is prime, wrongly with a chance below 2^-64. */
  isPrime(candidate: bigint): boolean
  /** SHA-256. */
  digest(bytes: Uint8Array): Uint8Array
  /** DER SubjectPublicKeyInfo of a DER PrivateKeyInfo, computed from the secret; `undefined` when it takes none. */
  publicKey(privateKeyInfo: Uint8Array): Uint8Array | undefined
}

/** The first rule that finds the key weak. */
export function firstReason<Key>(
  rules: readonly KeyRule<Key>[],
  key: Key,
  context: RuleContext,
): WeakKeyReason | undefined {
  return rules.find(rule => rule.isWeak(key, context))?.reason
}
