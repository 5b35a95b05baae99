/**
 * Request objects: an authorization request that the application signed (RFC 9101, JAR).
 *
 * `server` verifies one as the authorization server does. `server` is not believed, so the approval page and the
 * SAM verify it again with the keys of the SAM's ticket (sole-control 4, step 3), and a verifier of evidence once
 * more. Nothing is negotiated: the header says which of the client's keys signed, and has exactly the members
 * below; a key of another kind than `alg` needs does not verify (RFC 8725, 3.1 and 3.11).
 *
 * Signatures are checked with WebCrypto, which browsers and Node both have: JOSE spells them as it does (RFC 7518,
 * 3.4 and 3.5; RFC 8037, 3.1).
 */
import { fromBase64url, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { JsonRefused, parseUnambiguousJson } from '@natsuin/pki/json'
import type { ClientKey, KnownClient } from '../approval/index.ts'
import { identifier, requestObjectText } from '../approval/index.ts'
import { integer, list, oneOf, record, type Shape, ShapeError, text } from '../shape/shape.ts'
import { readAuthorizationDetails } from './authorization-details.ts'
import type { RequestedSignatures } from './requested-signatures.ts'

/** RFC 9101, 10.8: so that nothing else that the client signed is taken for a request. */
export const REQUEST_OBJECT_TYPE = 'oauth-authz-req+jwt'

/** What of a request object matters to approving it. */
export interface RequestObject {
  /** Of the key that signed. */
  readonly kid: string
  readonly clientId: string
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number
  /** Makes it one request: it is approved once. */
  readonly jti: string
  readonly requested: RequestedSignatures
}

/** Whose request object it must be, and to whom it must be addressed. */
export interface RequestParties {
  readonly client: Pick<KnownClient, 'id' | 'keys'>
  /** Of the authorization server. */
  readonly issuer: string
}

const ALGORITHMS = {
  ES256: { key: { name: 'ECDSA', namedCurve: 'P-256' }, use: { name: 'ECDSA', hash: 'SHA-256' } },
  PS256: { key: { name: 'RSA-PSS', hash: 'SHA-256' }, use: { name: 'RSA-PSS', saltLength: 32 } },
  EdDSA: { key: { name: 'Ed25519' }, use: { name: 'Ed25519' } },
} as const

export type RequestAlgorithm = keyof typeof ALGORITHMS

// Object.keys forgets that the keys of a Record<Name, …> are Names.
export const REQUEST_ALGORITHMS = Object.keys(ALGORITHMS) as readonly RequestAlgorithm[]

/**
 * The request, if one of the client's keys signed it for this authorization server; else `undefined`. Whether it is
 * still fresh, and unused, is for the caller.
 *
 * @throws ShapeError when the text is no request object for signatures at all
 */
export async function openRequestObject(
  jws: string,
  { client, issuer }: RequestParties,
): Promise<RequestObject | undefined> {
  const { header, claims, signingInput, signature } = split(jws)
  const { iss, client_id: clientId, aud } = claims
  const key = client.keys?.find(({ kid }) => kid === header.kid)
  const named = iss === client.id && clientId === client.id && [aud].flat().includes(issuer)
  if (key === undefined || !named) return undefined
  return (await verify(header.alg, key, utf8(signingInput), signature))
    ? requestIn({ header, claims })
    : undefined
}

/** What it says, without looking at the signature: to refuse early what cannot be read. @throws ShapeError */
export function peekRequestObject(jws: string): RequestObject {
  return requestIn(split(jws))
}

function requestIn({ header, claims }: Pick<ReturnType<typeof split>, 'header' | 'claims'>): RequestObject {
  const { client_id: clientId, exp: expiresAt, jti, authorization_details: details } = claims
  return { kid: header.kid, clientId, expiresAt, jti, requested: readAuthorizationDetails(details) }
}

const headerShape = record({
  alg: oneOf(...REQUEST_ALGORITHMS),
  kid: identifier,
  typ: oneOf(REQUEST_OBJECT_TYPE),
})

const address = text({ max: 300 })
const anything: Shape<unknown> = value => value

/** RFC 9101, 4 and RFC 7519, 4.1. What else is in a request object the authorization server reads. */
const claimMembers = {
  iss: identifier,
  client_id: identifier,
  aud: (value: unknown, path?: string) =>
    Array.isArray(value) ? list(address, { min: 1, max: 10 })(value, path) : address(value, path),
  exp: integer({ min: 0, max: 2 ** 40 }),
  jti: text({ max: 128, pattern: /^[\x21-\x7e]+$/ }),
  authorization_details: anything,
}
const claimsShape = record(claimMembers)

function split(jws: string) {
  const [head = '', body = '', tail = ''] = requestObjectText(jws).split('.')
  const signature = fromBase64url(tail)
  if (signature === undefined) throw new ShapeError('signature', 'base64url')
  const header = headerShape(readPart(head), 'header')
  const claims = claimsShape(pick(readPart(body), Object.keys(claimMembers)), 'request object')
  return { signingInput: `${head}.${body}`, header, claims, signature }
}

/** Other people's JSON has spellings of its own; what two readers could read differently is refused. */
function readPart(encoded: string): unknown {
  const written = fromUtf8(fromBase64url(encoded) ?? Uint8Array.of(0xff))
  try {
    return parseUnambiguousJson(written ?? '')
  } catch (error) {
    if (error instanceof JsonRefused) throw new ShapeError('request object', 'JSON without members twice')
    throw error
  }
}

function pick(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}

async function verify(
  alg: RequestAlgorithm,
  { publicKey }: ClientKey,
  data: Uint8Array,
  signature: Uint8Array,
) {
  const { key, use } = ALGORITHMS[alg]
  const imported = await importKey(publicKey, key)
  if (imported === undefined) return false
  return await crypto.subtle.verify(use, imported, Uint8Array.from(signature), Uint8Array.from(data))
}

/** `undefined` for a key of another kind. */
async function importKey(spki: Uint8Array, kind: (typeof ALGORITHMS)[RequestAlgorithm]['key']) {
  try {
    return await crypto.subtle.importKey('spki', Uint8Array.from(spki), kind, false, ['verify'])
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') throw error
    return undefined
  }
}
