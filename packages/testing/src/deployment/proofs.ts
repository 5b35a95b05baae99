/** DPoP proofs (RFC 9449, 4.2), right or with one thing wrong. */
import { createHash, createPublicKey, type JsonWebKey, randomUUID } from 'node:crypto'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { type RequestKey, signJws } from './request-objects.ts'

export interface ProvenRequest {
  readonly method?: string
  readonly url: string
  /** The access token that goes with it. */
  readonly token?: string
  readonly nonce?: string | undefined
}

/** The claims of a good proof. */
export function proofClaims({ method = 'POST', url, token, nonce }: ProvenRequest) {
  return {
    jti: randomUUID(),
    htm: method,
    htu: url.split(/[?#]/, 1)[0],
    iat: Math.floor(Date.now() / 1000),
    ...(nonce !== undefined && { nonce }),
    ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
  }
}

/** A compact JWS; `header` changes, adds or, with undefined, takes away members. */
export function signProof(key: RequestKey, claims: object | string, header: object = {}): string {
  const head = JSON.stringify({ typ: 'dpop+jwt', alg: key.alg, jwk: publicJwkOf(key), ...header })
  const body = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const input = `${toBase64url(utf8(head))}.${toBase64url(utf8(body))}`
  return `${input}.${toBase64url(signJws(key, utf8(input)))}`
}

export function publicJwkOf({ publicKey }: Pick<RequestKey, 'publicKey'>): JsonWebKey {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  return key.export({ format: 'jwk' })
}

/** SHA-256 of the key (RFC 7638), base64url: `jkt`. EC keys alone. */
export function thumbprintOf(key: Pick<RequestKey, 'publicKey'>): string {
  const { crv, kty, x, y } = publicJwkOf(key)
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
