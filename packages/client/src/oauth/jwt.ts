/** JSON Web Tokens that this client signs: compact JWS (RFC 7515, 3.1) over JSON. */
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { RequestAlgorithm } from '@natsuin/protocol/request'

/** The signature as JOSE spells it (RFC 7518, 3.4: r || s for ES256). */
export type SignJws = (input: Uint8Array) => Promise<Uint8Array>

export async function buildJwt(header: object, claims: object, sign: SignJws): Promise<string> {
  const input = [header, claims].map(part => toBase64url(utf8(JSON.stringify(part)))).join('.')
  return `${input}.${toBase64url(await sign(utf8(input)))}`
}

/** Seconds since 1970-01-01T00:00:00Z (RFC 7519, 2: NumericDate). */
export function numericDate(): number {
  return Math.floor(Date.now() / 1000)
}

const ALGORITHMS: Readonly<
  Record<string, { alg: RequestAlgorithm; use: EcdsaParams | RsaPssParams | Algorithm }>
> = {
  ECDSA: { alg: 'ES256', use: { name: 'ECDSA', hash: 'SHA-256' } },
  'RSA-PSS': { alg: 'PS256', use: { name: 'RSA-PSS', saltLength: 32 } },
  Ed25519: { alg: 'EdDSA', use: { name: 'Ed25519' } },
}

/** @throws TypeError for a key that signs nothing here */
export function jwsKey(key: CryptoKey): { readonly alg: RequestAlgorithm; readonly sign: SignJws } {
  const found = ALGORITHMS[key.algorithm.name]
  if (found === undefined || !isOfItsKind(key.algorithm)) {
    throw new TypeError(`no request can be signed with this ${key.algorithm.name} key`)
  }
  const sign: SignJws = async input =>
    new Uint8Array(await crypto.subtle.sign(found.use, key, Uint8Array.from(input)))
  return { alg: found.alg, sign }
}

/** The names of JOSE fix curve and digest (RFC 7518, 3.1). */
function isOfItsKind({
  namedCurve = 'P-256',
  hash,
}: KeyAlgorithm & { namedCurve?: string; hash?: KeyAlgorithm }) {
  return namedCurve === 'P-256' && (hash === undefined || hash.name === 'SHA-256')
}
