/**
 * Why a call has no answer: the service said no, answered something that is not the protocol, or did not answer.
 */

/**
 * What services say no with: CSC API v1.0.4.0 and v2.0.0.2, 10.1 and the tables of the methods; RFC 6749, 4.1.2.1 and
 * 5.2; RFC 9126, RFC 9396 and RFC 9449 for what they add. A service may have codes of its own.
 */
export type CscErrorCode =
  | 'invalid_request'
  | 'unauthorized_client'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'expired_token'
  | 'invalid_token'
  | 'authentication_error'
  | 'invalid_authentication_data'
  | 'invalid_otp'
  | 'invalid_pin'
  | 'invalid_hash'
  | 'invalid_grant'
  | 'invalid_client'
  | 'invalid_request_object'
  | 'invalid_authorization_details'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'not_implemented'
  | 'rate_limited'

/** The service said no. */
export class CscError extends Error {
  /** HTTP status; 0 when the refusal came back through the browser (RFC 6749, 4.1.2.1). */
  readonly status: number
  /** One of the protocol's, or the service's own. */
  readonly code: CscErrorCode | (string & {})
  /** For people, in the service's words. */
  readonly description: string
  /** When the service says that it may be asked again (RFC 9110, 10.2.3). */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: string, description: string, retryAfterSeconds?: number) {
    super(description === '' ? code : `${code}: ${description}`)
    this.name = 'CscError'
    this.status = status
    this.code = code
    this.description = description
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The service answered something that is not the protocol: no JSON, or members of another kind. */
export class UnexpectedAnswer extends Error {
  readonly code = 'unexpected-answer'

  constructor(message: string) {
    super(message)
    this.name = 'UnexpectedAnswer'
  }
}

/** No answer came: whether the service did what it was asked for is not known. */
export class Unanswered extends Error {
  readonly code: 'connection-lost' | 'timed-out'
  /** Of a signing call: the same call with this key gives the stored values, where the service keeps them. */
  readonly idempotencyKey: string | undefined

  constructor(code: Unanswered['code'], options: ErrorOptions & { readonly idempotencyKey?: string } = {}) {
    super(code, options)
    this.name = 'Unanswered'
    this.code = code
    this.idempotencyKey = options.idempotencyKey
  }
}
