/**
 * Proof of possession: tokens that only the holder of a key can use (RFC 9449).
 *
 * Each request carries a proof of its own. Servers hand out nonces that the next proof has to contain; the newest of each
 * server is remembered, and a request that is refused for the lack of one was not acted upon, so that it is sent again.
 */
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { RequestAlgorithm } from '@natsuin/protocol/request'
import { CscError } from '../csc-error.ts'
import type { Outgoing } from '../http/attempt.ts'
import { buildJwt, jwsKey, numericDate, type SignJws } from './jwt.ts'

/** A key that tokens are bound to; made by `newDpopKey`, or by a program of your own. */
export interface DpopKey {
  readonly alg: RequestAlgorithm
  /** The public half (RFC 7517), without `kid` and the like. */
  readonly publicJwk: Readonly<Record<string, string>>
  sign: SignJws
}

/**
 * A new key that tokens are bound to: ECDSA P-256, the private half not extractable. For an application that keeps its
 * tokens longer than it runs, keep the pair (a browser can, in IndexedDB) and give it to `dpopKey`.
 */
export async function newDpopKey(): Promise<DpopKey> {
  return await dpopKey(
    await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']),
  )
}

/**
 * A key of yours as one that tokens are bound to.
 *
 * @param pair of WebCrypto: ECDSA P-256, RSA-PSS with SHA-256, or Ed25519
 * @throws TypeError for any other
 */
export async function dpopKey({ privateKey, publicKey }: CryptoKeyPair): Promise<DpopKey> {
  const { kty = '', crv, x, y, n, e } = await crypto.subtle.exportKey('jwk', publicKey)
  const members = Object.entries({ kty, crv, x, y, n, e })
  const publicJwk = Object.fromEntries(members.flatMap(([name, value]) => (value ? [[name, value]] : [])))
  return { ...jwsKey(privateKey), publicJwk }
}

/** RFC 7638, 3: what an authorization request says, so that its code is bound to the key too (RFC 9449, 10). */
export async function thumbprintOf({ publicJwk }: DpopKey): Promise<string> {
  const members = Object.entries(publicJwk).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return await sha256(JSON.stringify(Object.fromEntries(members)))
}

export class DpopProver {
  readonly key: DpopKey
  /** Origin → the newest nonce of its server. */
  readonly #nonces = new Map<string, string>()

  constructor(key: DpopKey) {
    this.key = key
  }

  /** @param token that the request carries; absent at the OAuth endpoints */
  async proof({ url, method }: Outgoing, token?: string): Promise<string> {
    const { alg, publicJwk: jwk } = this.key
    const { origin, pathname } = new URL(url)
    const nonce = this.#nonces.get(origin)
    const claims = {
      jti: crypto.randomUUID(),
      htm: method,
      htu: `${origin}${pathname}`,
      iat: numericDate(),
      ...(token !== undefined && { ath: await sha256(token) }),
      ...(nonce !== undefined && { nonce }),
    }
    return await buildJwt({ typ: 'dpop+jwt', alg, jwk }, claims, input => this.key.sign(input))
  }

  learn(url: string, headers: Headers): void {
    const nonce = headers.get('dpop-nonce')
    if (nonce !== null) this.#nonces.set(new URL(url).origin, nonce)
  }

  /** Sends, and once more when the nonce was all that lacked (RFC 9449, 8 and 9). */
  async withNonce<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof CscError) || error.code !== 'use_dpop_nonce') throw error
      return await send()
    }
  }
}

async function sha256(text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))))
}
