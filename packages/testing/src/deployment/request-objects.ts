/** Keys that applications sign their requests with, and request objects (RFC 9101), right or with one thing wrong. */
import { constants, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { ClientKey } from '@natsuin/protocol/approval'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import type { RequestAlgorithm } from '@natsuin/protocol/request'

export interface RequestKey extends ClientKey {
  readonly alg: RequestAlgorithm
  readonly privateKey: KeyObject
}

const GENERATE: Readonly<Record<RequestAlgorithm, () => { publicKey: KeyObject; privateKey: KeyObject }>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}

export function createRequestKey(kid = 'key-1', alg: RequestAlgorithm = 'ES256'): RequestKey {
  const { publicKey, privateKey } = GENERATE[alg]()
  return {
    kid,
    alg,
    privateKey,
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  }
}

export interface RequestOptions {
  readonly clientId: string
  readonly issuer: string
  readonly detail: AuthorizationDetail
  /** Seconds since 1970-01-01T00:00:00Z; default: the system's clock. */
  readonly now?: number
}

/** The claims of a good request object; what an authorization request needs beside them is the caller's. */
export function requestClaims({ clientId, issuer, detail, now }: RequestOptions) {
  const at = now ?? Math.floor(Date.now() / 1000)
  return {
    iss: clientId,
    aud: issuer,
    client_id: clientId,
    jti: randomUUID(),
    iat: at,
    exp: at + 300,
    authorization_details: [detail],
  }
}

/** A compact JWS; `header` changes or adds members. */
export function signRequestObject(key: RequestKey, claims: object, header: object = {}): string {
  const head = { alg: key.alg, kid: key.kid, typ: 'oauth-authz-req+jwt', ...header }
  const input = [head, claims].map(part => toBase64url(utf8(JSON.stringify(part)))).join('.')
  return `${input}.${toBase64url(signJws(key, utf8(input)))}`
}

/** RFC 7518, 3.4 and 3.5; RFC 8037, 3.1. */
export function signJws(
  { alg, privateKey }: Pick<RequestKey, 'alg' | 'privateKey'>,
  input: Uint8Array,
): Uint8Array {
  const options = {
    ES256: { dsaEncoding: 'ieee-p1363' },
    PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    EdDSA: {},
  } as const
  return new Uint8Array(sign(alg === 'EdDSA' ? null : 'sha256', input, { key: privateKey, ...options[alg] }))
}
