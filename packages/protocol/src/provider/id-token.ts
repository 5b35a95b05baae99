/**
 * ID tokens: what an identity provider says of a log-in (OpenID Connect Core 1.0, 2), read by the SAM when it is
 * given one and by a verifier of evidence later.
 *
 * Nothing is negotiated. The header names one of the provider's sealed keys, and the algorithm is that key's own; a
 * header that brings a key or an address of one is refused (RFC 8725, 3.1 and 3.10).
 */
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { fromBase64url, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import type { Verifier } from '@natsuin/pki/platform'
import { type IdentityProvider, idTokenAlgorithm, type ProviderKey } from '../approval/index.ts'
import { integer, list, optional, record, type Shape, type Shaped, ShapeError, text } from '../shape/shape.ts'
import { JsonRefused, parseUnambiguousJson } from '../shape/unambiguous-json.ts'

export const idTokenText = text({ max: 16384, pattern: /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/ })

const name = text({ max: 2048 })
const seconds = integer({ min: 0, max: 2 ** 40 })

const names: Shape<readonly string[]> = (value, path = '') =>
  Array.isArray(value) ? list(name, { min: 1, max: 10 })(value, path) : [name(value, path)]

const claimMembers = {
  iss: name,
  /** At most 255 ASCII characters. */
  sub: text({ max: 255, pattern: /^[\x20-\x7e]+$/ }),
  aud: names,
  azp: optional(name),
  /** Seconds since 1970-01-01T00:00:00Z, like all others. */
  exp: seconds,
  iat: seconds,
  auth_time: optional(seconds),
  nonce: optional(name),
  acr: optional(name),
  amr: optional(list(name, { max: 20 })),
}
const claimsShape = record(claimMembers)

export type IdToken = Shaped<typeof claimsShape>

/** Those of the provider that can be trusted to have made a token. */
type Signing = Pick<IdentityProvider, 'keys'>

/**
 * What the token says, if one of the provider's keys signed it; else `undefined`. Whether it is for us, about whom and
 * how old, is for the caller.
 *
 * @throws ShapeError when the text is no ID token that we read
 */
export async function openIdToken(
  token: string,
  { keys }: Signing,
  verifier: Verifier,
): Promise<IdToken | undefined> {
  const { header, claims, signingInput, signature } = split(token)
  const key = keys.find(({ kid }) => kid === header.kid)
  if (key === undefined || key.algorithm !== header.alg) return undefined
  return (await isSigned(key, utf8(signingInput), signature, verifier)) ? claims : undefined
}

/** Names of certificates of the key, which some providers add, say nothing to us. */
const headerShape = record({
  alg: idTokenAlgorithm,
  kid: name,
  typ: optional(text({ max: 16, pattern: /^JWT$/i })),
  x5t: optional(name),
  'x5t#S256': optional(name),
})

function split(token: string) {
  const [head = '', body = '', tail = ''] = idTokenText(token).split('.')
  const signature = fromBase64url(tail)
  if (signature === undefined) throw new ShapeError('signature', 'base64url')
  const header = headerShape(readPart(head), 'header')
  const claims = claimsShape(known(readPart(body)), 'ID token')
  return { signingInput: `${head}.${body}`, header, claims, signature }
}

function readPart(encoded: string): unknown {
  const written = fromUtf8(fromBase64url(encoded) ?? Uint8Array.of(0xff))
  try {
    return parseUnambiguousJson(written ?? '')
  } catch (error) {
    if (error instanceof JsonRefused) throw new ShapeError('ID token', 'JSON without members twice')
    throw error
  }
}

/** Providers say more than we ask (OpenID Connect Core 1.0, 2: claims not understood are ignored). */
function known(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(claimMembers, name)))
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
