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

/** A body is written anew for each attempt, where something in it works once. */
export type Body = string | (() => string)

type Ask<A> = (url: string, body: Body, headers: Readonly<Record<string, string>>) => Promise<A>

export interface Prover<A> {
  /** The nonce that it will use next, if it has one. */
  readonly nonce: string | undefined
  readonly ask: Ask<A>
}

/** Adds a proof to whatever is asked, with the newest nonce, and asks again when it should have been another one. */
export function openProver<A extends { readonly headers: Headers; readonly body: unknown }>(
  key: RequestKey,
  ask: Ask<A>,
): Prover<A> {
  let nonce: string | undefined
  const once: Ask<A> = async (url, body, { authorization, ...headers }) => {
    const token = /^Bearer (.*)$/.exec(authorization ?? '')?.[1]
    const dpop = signProof(key, proofClaims({ url, nonce, ...(token !== undefined && { token }) }))
    const bound = token === undefined ? {} : { authorization: `DPoP ${token}` }
    const answer = await ask(url, body, {
      ...(authorization && { authorization }),
      dpop,
      ...bound,
      ...headers,
    })
    nonce = answer.headers.get('dpop-nonce') ?? nonce
    return answer
  }
  return {
    get nonce() {
      return nonce
    },
    async ask(...asked) {
      const answer = await once(...asked)
      const { error } = Object(answer.body) as { error?: unknown }
      return error === 'use_dpop_nonce' ? once(...asked) : answer
    },
  }
}
