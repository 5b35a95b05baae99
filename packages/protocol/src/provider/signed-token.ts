/**
 * What an identity provider signed: a compact JWS whose header names one of the provider's sealed keys, used with that
 * key's own algorithm.
 *
 * Nothing is negotiated; a header that brings a key or an address of one is refused (RFC 8725, 3.1 and 3.10).
 */
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { fromBase64url, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { JsonRefused, parseUnambiguousJson } from '@natsuin/pki/json'
import type { Verifier } from '@natsuin/pki/platform'
import { type IdentityProvider, idTokenAlgorithm, idTokenText, type ProviderKey } from '../approval/index.ts'
import { integer, list, optional, record, type Shape, ShapeError, text } from '../shape/shape.ts'

/** Those of the provider that can be trusted to have made a token. */
export type Signing = Pick<IdentityProvider, 'keys'>

export const claimText = text({ max: 2048 })
/** Since 1970-01-01T00:00:00Z. */
export const claimSeconds = integer({ min: 0, max: 2 ** 40 })
/** At most 255 ASCII characters (OpenID Connect Core 1.0, 2). */
export const subjectText = text({ max: 255, pattern: /^[\x20-\x7e]+$/ })

export const audience: Shape<readonly string[]> = (value, path = '') =>
  Array.isArray(value) ? list(claimText, { min: 1, max: 10 })(value, path) : [claimText(value, path)]

export interface TokenKind<T> {
  /** What the header may call it. */
  readonly typ: RegExp
  /** Everything that is read: providers say more, which is ignored (OpenID Connect Core 1.0, 2). */
  readonly names: readonly string[]
  readonly claims: Shape<T>
}

/** What the token says; `undefined` when none of the provider's keys signed it. @throws ShapeError when it is no such token */
export async function openSignedToken<T>(
  token: string,
  kind: TokenKind<T>,
  { keys }: Signing,
  verifier: Verifier,
): Promise<T | undefined> {
  const { header, claims, signingInput, signature } = split(token, kind)
  const key = keys.find(({ kid }) => kid === header.kid)
  if (key === undefined || key.algorithm !== header.alg) return undefined
  return (await isSigned(key, utf8(signingInput), signature, verifier)) ? claims : undefined
}

/** What it says, without looking at the signature: only for finding out whom to ask. @throws ShapeError */
export function peekSignedToken<T>(token: string, kind: TokenKind<T>): T {
  return split(token, kind).claims
}

function split<T>(token: string, { typ, names, claims }: TokenKind<T>) {
  const [head = '', body = '', tail = ''] = idTokenText(token).split('.')
  const signature = fromBase64url(tail)
  if (signature === undefined) throw new ShapeError('signature', 'base64url')
  const header = headerShape(typ)(readPart(head), 'header')
  return { signingInput: `${head}.${body}`, header, claims: claims(pick(readPart(body), names)), signature }
}

/** Names of certificates of the key, which some providers add, say nothing to us. */
const headerShape = (typ: RegExp) =>
  record({
    alg: idTokenAlgorithm,
    kid: claimText,
    typ: optional(text({ max: 32, pattern: typ })),
    x5t: optional(claimText),
    'x5t#S256': optional(claimText),
  })

function readPart(encoded: string): unknown {
  const written = fromUtf8(fromBase64url(encoded) ?? Uint8Array.of(0xff))
  try {
    return parseUnambiguousJson(written ?? '')
  } catch (error) {
    if (error instanceof JsonRefused) throw new ShapeError('token', 'JSON without members twice')
    throw error
  }
}

function pick(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}

/** Each with how JOSE carries its signatures: ECDSA as r || s (RFC 7518, 3.4). */
const SIGNATURES: Readonly<Record<ProviderKey['algorithm'], SignatureAlgorithm>> = {
  RS256: 'rsa-sha256',
  PS256: 'rsa-pss-sha256',
  ES256: 'ecdsa-sha256',
  EdDSA: 'ed25519',
}
const P256_SIGNATURE_BYTES = 64

async function isSigned(
  { algorithm: name, publicKey: spki }: ProviderKey,
  data: Uint8Array,
  given: Uint8Array,
  verifier: Verifier,
): Promise<boolean> {
  if (name === 'ES256' && given.length !== P256_SIGNATURE_BYTES) return false
  const signature = name === 'ES256' ? buildEcdsaSigValue(given) : given
  return await verifier.verify({ algorithm: SIGNATURES[name], spki, data, signature })
}
