/** The issuance protocol between `server` and `authorities`: one table of methods, requests and answers. */
import { base64url, list, oneOf, record, type Shaped, text } from '../shape/shape.ts'

const jws = text({ max: 16384 })
const certificate = base64url({ max: 16384 })
/** Reasons a subscriber or officer may give: RFC 5280, 5.3.1. */
export const revocationReason = oneOf(
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
)

export const issuanceMethods = {
  info: {
    request: record({}),
    /** DER certificates and the public addresses of the services. */
    response: record({
      root: certificate,
      issuing: certificate,
      timeStamping: certificate,
      timeStampUrl: text({ max: 500 }),
      crlUrl: text({ max: 500 }),
      ocspUrl: text({ max: 500 }),
    }),
  },
  /** Certifies the key of an attestation. The same attestation again returns the same certificate. */
  issue: {
    request: record({ keyAttestation: jws }),
    /** End entity first, root last. */
    response: record({ certificates: list(certificate, { min: 2, max: 10 }) }),
  },
  /** Revokes; acknowledged when the revocation is durable and in the next answers. Idempotent. */
  revoke: {
    request: record({ certificate, reason: revocationReason }),
    response: record({ revokedAt: text({ max: 30 }) }),
  },
} as const

export type IssuanceMethods = typeof issuanceMethods
export type RevocationReason = Shaped<typeof revocationReason>

/** Why `authorities` says no. */
export const issuanceRefusals = [
  'malformed',
  'method-unknown',
  'attestation-invalid',
  'attestation-foreign',
  'level-not-allowed',
  'key-certified-for-another',
  'certificate-unknown',
  'record-altered',
  'store-unavailable',
] as const
export type IssuanceRefusal = (typeof issuanceRefusals)[number]
