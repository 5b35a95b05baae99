/**
 * Request objects: the authorization request as a JWT that the application signs (RFC 9101).
 *
 * With one, the application vouches for every label and digest that it asks signatures for: the approval page and the
 * signing module verify it themselves, so that nobody in between can exchange a name (sole-control 4, step 3).
 */
import { toWire } from '@natsuin/protocol/approval'
import { REQUEST_OBJECT_TYPE, type RequestAlgorithm } from '@natsuin/protocol/request'
import { writeJson } from '@natsuin/protocol/shape'

/** A key whose public half the service knows; made by `requestSigner`, or by a program of your own (an HSM, say). */
export interface RequestSigner {
  /** How the service calls the key. */
  readonly kid: string
  readonly alg: RequestAlgorithm
  /** The signature as JOSE spells it (RFC 7518, 3.4: r || s for ES256). */
  sign(input: Uint8Array): Promise<Uint8Array>
}

const ALGORITHMS: Readonly<
  Record<string, { alg: RequestAlgorithm; use: EcdsaParams | RsaPssParams | Algorithm }>
> = {
  ECDSA: { alg: 'ES256', use: { name: 'ECDSA', hash: 'SHA-256' } },
  'RSA-PSS': { alg: 'PS256', use: { name: 'RSA-PSS', saltLength: 32 } },
  Ed25519: { alg: 'EdDSA', use: { name: 'Ed25519' } },
}

/**
 * @param key a private key of WebCrypto: ECDSA P-256, RSA-PSS with SHA-256, or Ed25519
 * @throws TypeError for any other
 */
export function requestSigner(kid: string, key: CryptoKey): RequestSigner {
  const found = ALGORITHMS[key.algorithm.name]
  if (found === undefined) throw new TypeError(`no request can be signed with ${key.algorithm.name}`)
  const sign = async (input: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign(found.use, key, Uint8Array.from(input)))
  return { kid, alg: found.alg, sign }
}

export interface RequestObjectClaims {
  readonly clientId: string
  /** Issuer of the authorization server: `info.oauth2` without a slash at its end. */
  readonly audience: string
  /** Of the authorization request. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** Long enough to be pushed and opened; how long the signer reads is another matter. */
const LIFETIME_SECONDS = 300

/** A compact JWS, to be pushed as the parameter `request`. */
export async function buildRequestObject(
  signer: RequestSigner,
  claims: RequestObjectClaims,
): Promise<string> {
  const { clientId, audience, parameters } = claims
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: signer.alg, kid: signer.kid, typ: REQUEST_OBJECT_TYPE }
  const payload = {
    ...parameters,
    iss: clientId,
    client_id: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + LIFETIME_SECONDS,
  }
  const input = [header, payload].map(part => toWire(writeJson(part))).join('.')
  const signature = await signer.sign(new TextEncoder().encode(input))
  return `${input}.${toWire(signature)}`
}
