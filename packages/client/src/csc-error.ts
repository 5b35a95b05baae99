/** What the service said no with: CSC API v2.0.0.2, 10.1 (and RFC 6749, 5.2 from the token endpoint). */
export class CscError extends Error {
  /** HTTP status; 0 when the refusal came back through the browser (RFC 6749, 4.1.2.1). */
  readonly status: number
  /** `invalid_request`, `access_denied`, … */
  readonly code: string
  /** For people, in the service's words. */
  readonly description: string

  constructor(status: number, code: string, description: string) {
    super(description === '' ? code : `${code}: ${description}`)
    this.name = 'CscError'
    this.status = status
    this.code = code
    this.description = description
  }
}

/** The service answered something that is not the protocol: no JSON, or members of another kind. */
export class UnexpectedAnswer extends Error {
  readonly code = 'unexpected-answer'
}
