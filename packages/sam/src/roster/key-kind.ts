/** Which kind of key somebody else's signatures are verified with, if it is one that we verify with at all. */
import { createPublicKey, type KeyObject } from 'node:crypto'

export type KeyKind = 'ec' | 'rsa' | 'ed25519'

/** RSA exponents as for certificates: odd and at least 65537, so that no key is one that is broken by design. */
const KINDS: Readonly<Record<KeyKind, (details: KeyObject['asymmetricKeyDetails']) => boolean>> = {
  ec: details => details?.namedCurve === 'prime256v1',
  ed25519: () => true,
  rsa: details => {
    const { modulusLength = 0, publicExponent = 0n } = details ?? {}
    return (
      modulusLength >= 2048 && modulusLength <= 4096 && publicExponent >= 65537n && publicExponent % 2n === 1n
    )
  },
}

/** @param spki DER SubjectPublicKeyInfo */
export function usableKind(spki: Uint8Array): KeyKind | undefined {
  const key = parsed(spki)
  const kind = (['ec', 'rsa', 'ed25519'] as const).find(one => one === key?.asymmetricKeyType)
  return kind !== undefined && KINDS[kind](key?.asymmetricKeyDetails) ? kind : undefined
}

function parsed(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
