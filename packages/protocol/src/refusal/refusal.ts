/**
 * A refusal: an expected "no", typed, with a code and nothing about the wire.
 *
 * Each process owns its own union of codes; each edge owns one table that says how a code sounds there. Any
 * other exception is a fault: a defect or an outage, of which the outside learns only an incident id.
 */
export class Refusal<Code extends string = string> extends Error {
  readonly code: Code
  /** For the audit trail only; never leaves the service, never holds a secret. */
  readonly evidence: Readonly<Record<string, unknown>>

  constructor(code: Code, evidence: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(code, options)
    this.name = 'Refusal'
    this.code = code
    this.evidence = evidence
  }
}
