/**
 * COSE_Key to SubjectPublicKeyInfo: exactly ES256 on P-256 and RS256, with exactly their parameters.
 *
 * RFC 9053, 7.1.1 (EC2), RFC 8230, 4 (RSA), WebAuthn Level 3, 5.8.5. OpenSSL imports the key and so refuses a point
 * that is not on the curve.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { toBase64url } from '@natsuin/pki/encoding'
import type { Cbor, CborMap } from './cbor.ts'

export interface AuthenticatorKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly algorithm: SignatureAlgorithm
}

interface KeyForm {
  readonly algorithm: SignatureAlgorithm
  /** Labels with the one value they must have. */
  readonly fixed: ReadonlyMap<number, number>
  /** Labels of byte strings, with the JWK member each becomes (RFC 7518, 6). */
  readonly members: ReadonlyMap<number, string>
  readonly kty: 'EC' | 'RSA'
  readonly crv?: string
  readonly accepts: (key: KeyObject, values: readonly Uint8Array[]) => boolean
}

const KTY = 1
const ALG = 3

const FORMS: readonly KeyForm[] = [
  {
    algorithm: 'ecdsa-sha256',
    fixed: new Map([
      [KTY, 2],
      [ALG, -7],
      [-1, 1],
    ]),
    members: new Map([
      [-2, 'x'],
      [-3, 'y'],
    ]),
    kty: 'EC',
    crv: 'P-256',
    accepts: (_, values) => values.every(({ length }) => length === 32),
  },
  {
    algorithm: 'rsa-sha256',
    fixed: new Map([
      [KTY, 3],
      [ALG, -257],
    ]),
    members: new Map([
      [-1, 'n'],
      [-2, 'e'],
    ]),
    kty: 'RSA',
    accepts: (key, values) => isSoundRsa(key) && values.every(([first]) => first !== 0),
  },
]

/** The key, or `undefined` when it is of another kind, has other parameters, or is not a sound key. */
export function importCoseKey(key: CborMap): AuthenticatorKey | undefined {
  const form = FORMS.find(({ fixed }) => [...fixed].every(([label, value]) => key.get(label) === value))
  if (form === undefined || key.size !== form.fixed.size + form.members.size) return undefined
  const values = [...form.members.keys()].map(label => key.get(label)).filter(isBytes)
  if (values.length !== form.members.size) return undefined
  const imported = importJwk(jwkOf(form, values))
  if (imported === undefined || !form.accepts(imported, values)) return undefined
  return {
    publicKey: new Uint8Array(imported.export({ type: 'spki', format: 'der' })),
    algorithm: form.algorithm,
  }
}

const isBytes = (value: Cbor | undefined): value is Uint8Array => value instanceof Uint8Array

function jwkOf({ kty, crv, members }: KeyForm, values: readonly Uint8Array[]): JsonWebKey {
  const named = [...members.values()].map((name, i) => [name, toBase64url(values[i] ?? new Uint8Array())])
  return { kty, ...(crv === undefined ? {} : { crv }), ...Object.fromEntries(named) }
}

function importJwk(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** 2048 to 4096 bits, exponent 65537: what authenticators make. */
function isSoundRsa({ asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = details ?? {}
  return modulusLength >= 2048 && modulusLength <= 4096 && publicExponent === 65537n
}
