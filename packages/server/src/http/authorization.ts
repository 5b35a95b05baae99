/** What requests to the bearer APIs carry in headers. */
import type { FastifyRequest } from 'fastify'
import { RequestRefused } from '../csc/errors.ts'
import type { ClientSecret } from '../oauth/seal-approvals.ts'

/** RFC 6750, 2.1: the b68token that follows `Bearer`. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{1,512}=*)$/i

/** The token. A header of any other form is a malformed request, not a wrong token (CSC API v2.0.0.2, 10.1). */
export function bearerOf(request: FastifyRequest): string {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw new RequestRefused('authorization-malformed')
  return token
}

const BASIC = /^Basic ([A-Za-z0-9+/]{1,1024}={0,2})$/i

/** The client's own id and secret (RFC 6749, 2.3.1): each form-encoded, then as in RFC 7617. */
export function clientSecretOf(request: FastifyRequest): ClientSecret | undefined {
  const given = BASIC.exec(request.headers.authorization ?? '')?.[1]
  const [id, secret, rest] = Buffer.from(given ?? '', 'base64')
    .toString('utf8')
    .split(':')
    .map(formDecoded)
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
