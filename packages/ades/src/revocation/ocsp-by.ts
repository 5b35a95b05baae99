/**
 * Asks the responders that a certificate names (RFC 5280, 4.2.2.1) by POST (RFC 6960, appendix A.1).
 *
 * Without a nonce: responders of great authorities answer with what they signed beforehand, and how old an answer may
 * be is judged by its own times.
 */
import { buildOcspRequest, commonCertId } from '@natsuin/pki/ocsp'
import type { RevocationSource } from '../validation-data/revocation-source.ts'
import { firstAnswer } from './addresses.ts'
import type { Exchange } from './exchange.ts'

/** The answer of the responder that a certificate names, asked for over the caller’s own transport. */
export function ocspBy(exchange: Exchange): RevocationSource {
  return async ({ certificate, issuer }) => {
    const body = buildOcspRequest([await commonCertId({ certificate, issuer })])
    const ask = (url: string) => exchange({ ...OCSP, url, body })
    return { kind: 'ocsp', der: await firstAnswer(certificate.extensions.ocspUrls, ask) }
  }
}

// An answer with the certificates of its responder is some kilobytes.
const OCSP = {
  contentType: 'application/ocsp-request',
  accept: 'application/ocsp-response',
  maxBytes: 64 * 1024,
}
