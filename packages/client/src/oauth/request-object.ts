/**
 * Request objects: the authorization request as a JWT that the application signs (RFC 9101).
 *
 * With one, the application vouches for every label and digest that it asks signatures for: the approval page and the
 * signing module verify it themselves, so that nobody in between can exchange a name (sole-control 4, step 3).
 */
import { REQUEST_OBJECT_TYPE, type RequestAlgorithm } from '@natsuin/protocol/request'
import { buildJwt, jwsKey, numericDate } from './jwt.ts'

/** A key whose public half the service knows; made by `requestSigner`, or by a program of your own (an HSM, say). */
export interface RequestSigner {
  /** How the service calls the key. */
  readonly kid: string
  readonly alg: RequestAlgorithm
  /** The signature as JOSE spells it (RFC 7518, 3.4: r || s for ES256). */
  sign(input: Uint8Array): Promise<Uint8Array>
}

/**
 * A signer of requests with a key of this machine: for request objects (`requestSigner` of the options) and to
 * authenticate with (`private_key_jwt`).
 *
 * @param kid how the service calls the key
 * @param key a private key of WebCrypto: ECDSA P-256, RSA-PSS with SHA-256, or Ed25519
 * @throws TypeError for any other
 */
export function requestSigner(kid: string, key: CryptoKey): RequestSigner {
  return { kid, ...jwsKey(key) }
}

export interface RequestObjectClaims {
  readonly clientId: string
  /** Issuer of the authorization server. */
  readonly audience: string
  /** Of the authorization request. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** Long enough to be pushed and opened; how long the signer reads is another matter. */
const LIFETIME_SECONDS = 300

/** A compact JWS, to be pushed as the parameter `request`. */
export async function buildRequestObject(
  signer: RequestSigner,
  { clientId, audience, parameters }: RequestObjectClaims,
): Promise<string> {
  const now = numericDate()
  const header = { alg: signer.alg, kid: signer.kid, typ: REQUEST_OBJECT_TYPE }
  const claims = {
    ...parameters,
    iss: clientId,
    client_id: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + LIFETIME_SECONDS,
  }
  return await buildJwt(header, claims, input => signer.sign(input))
}
