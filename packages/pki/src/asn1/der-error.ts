/**
 * The one refusal of everything that reads DER: the bytes are not what the format demands.
 *
 * `reason` is a closed list so that callers and tests tell the cases apart without reading prose.
 */

export type DerReason =
  | 'truncated'
  | 'trailing-bytes'
  | 'indefinite-length'
  | 'length-not-minimal'
  | 'length-too-long'
  | 'high-tag-number'
  | 'end-of-contents'
  | 'too-deep'
  | 'too-many-elements'
  | 'wrong-form'
  | 'boolean-not-canonical'
  | 'integer-not-minimal'
  | 'integer-too-long'
  | 'null-not-empty'
  | 'oid-not-canonical'
  | 'bit-string-not-canonical'
  | 'string-not-valid'
  | 'time-not-valid'
  | 'set-not-sorted'
  | 'default-encoded'
  | 'unexpected-tag'
  | 'missing-field'
  | 'unknown-field'
  | 'duplicate-field'
  | 'value-not-allowed'

/** Bytes that are not DER, or DER that is not the structure it should be. */
export class DerError extends Error {
  readonly code = 'malformed-der'
  readonly reason: DerReason

  /** @param detail what was being read, in the words of the ASN.1 module; never the bytes themselves */
  constructor(reason: DerReason, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`)
    this.name = 'DerError'
    this.reason = reason
  }
}
