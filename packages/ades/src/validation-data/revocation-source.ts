/** Where revocation information comes from: an interface, because the library does no I/O of its own. */
import type { Certificate } from '@natsuin/pki/x509'

export interface RevocationQuestion {
  readonly certificate: Certificate
  /** Its issuer, on a path that is valid. */
  readonly issuer: Certificate
  /** The time at which the answer shall be current. */
  readonly at: Date
}

export interface RevocationInfo {
  readonly kind: 'ocsp' | 'crl'
  /** DER OCSPResponse (RFC 6960, 4.2.1), the envelope included, or DER CertificateList (RFC 5280, 5.1). */
  readonly der: Uint8Array
}

/**
 * Gives what it has; whoever asks verifies it.
 *
 * @throws AdesRefusal `status-unavailable` when it has nothing
 */
export type RevocationSource = (question: RevocationQuestion) => Promise<RevocationInfo>
