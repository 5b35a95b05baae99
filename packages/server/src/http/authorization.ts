/** What requests to the bearer APIs carry in headers. */
import { fromBase64, fromUtf8 } from '@natsuin/pki/encoding'
import type { FastifyRequest } from 'fastify'
import { RequestRefused } from '../csc/errors.ts'
import type { Access, ActAccess, Holder, PresentedToken } from '../oauth/access-tokens.ts'
import type { Proofs } from '../oauth/dpop/proofs.ts'
import type { ClientSecret } from '../oauth/seal-approvals.ts'
import type { ClientCertificates } from './client-certificates.ts'

/** RFC 6750, 2.1: the b68token that follows `Bearer`. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{1,512}=*)$/i

/** The token. A header of any other form is a malformed request, not a wrong token (CSC API v2.0.0.2, 10.1). */
export function bearerOf(request: FastifyRequest): string {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw new RequestRefused('authorization-malformed')
  return token
}

/** RFC 9449, 7.1: the same token under the scheme that says that it is bound to a key. */
const TOKEN = /^(Bearer|DPoP) ([A-Za-z0-9._~+/-]{1,512}=*)$/i

/** Who asks, by what the request carries. @throws RequestRefused, Refusal */
export type AccessOf = (request: FastifyRequest) => Promise<Access>

/** The same for acts on credentials. @throws RequestRefused, Refusal */
export type ActAccessOf = (request: FastifyRequest) => Promise<ActAccess>

/**
 * Reads what a request shows of its right to call: token, proof and certificate.
 * @param publicUrl of this server: what a proof is for is compared with this, and with nothing that the request says
 */
export function presenter(publicUrl: string, certificates: ClientCertificates) {
  return (request: FastifyRequest): PresentedToken => {
    const [, scheme, token] = TOKEN.exec(request.headers.authorization ?? '') ?? []
    if (scheme === undefined || token === undefined) throw new RequestRefused('authorization-malformed')
    const { dpop } = request.headers
    return {
      scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer',
      token,
      // Of several headers Node makes one text, which is no proof (RFC 9449, 4.3, 1).
      proof: typeof dpop === 'string' ? dpop : undefined,
      request: { method: request.method, url: publicAddress(publicUrl, request.originalUrl) },
      certificate: certificates(request.raw)?.thumbprint,
    }
  }
}

/** What a request shows that carries no token: a key by its proof, a certificate by its connection. @throws Refusal */
export type HolderOf = (request: FastifyRequest) => Promise<Holder>

export function holderReader(publicUrl: string, certificates: ClientCertificates, proofs: Proofs): HolderOf {
  return async request => {
    const { headers, method, originalUrl, raw } = request
    const certificate = certificates(raw)?.thumbprint
    const written = headers['dpop']
    if (written === undefined) return { jkt: undefined, certificate }
    const url = publicAddress(publicUrl, originalUrl)
    const proof = await proofs.judge(String(written), { method, url })
    await proofs.use(proof)
    return { jkt: proof.jkt, certificate }
  }
}

/** The path is the request's; a target in absolute form (RFC 9112, 3.2.2) names hosts as it likes. */
function publicAddress(publicUrl: string, target: string): URL {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '')
  return new URL(`${publicUrl}${path.startsWith('/') ? path : '/'}`)
}

const BASIC = /^Basic ([A-Za-z0-9+/]{1,1024}={0,2})$/i

/** The text that `Basic` carries (RFC 7617, 2); `undefined` when it is not canonical base64 of UTF-8. */
export function basicOf(header: string | undefined): string | undefined {
  const given = BASIC.exec(header ?? '')?.[1]
  const bytes = given === undefined ? undefined : fromBase64(given)
  return bytes === undefined ? undefined : fromUtf8(bytes)
}

/** The client's own id and secret (RFC 6749, 2.3.1): each form-encoded, then as in RFC 7617. */
export function clientSecretOf(request: FastifyRequest): ClientSecret | undefined {
  const [id, secret, rest] = basicOf(request.headers.authorization)?.split(':').map(formDecoded) ?? []
  if (id === undefined || secret === undefined || rest !== undefined) return undefined
  return { id, secret }
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const KEY = /^[\x21-\x7e]{1,128}$/

/** `Idempotency-Key`: a client's own name for one request; empty when there is none. */
export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key']
  if (key === undefined) return ''
  if (typeof key !== 'string' || !KEY.test(key)) throw new RequestRefused('idempotency-key-invalid')
  return key
}
