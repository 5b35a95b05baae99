/** Fetches the CRLs that a certificate names (RFC 5280, 4.2.1.13), by GET (RFC 2585, 4). */
import { MAX_CRL_BYTES } from '@natsuin/pki/crl'
import type { RevocationSource } from '../validation-data/revocation-source.ts'
import { firstAnswer } from './addresses.ts'
import type { Exchange } from './exchange.ts'

/** The revocation list that a certificate names, asked for over the caller’s own transport. */
export function crlBy(exchange: Exchange): RevocationSource {
  return async ({ certificate }) => {
    const ask = (url: string) => exchange({ url, accept: 'application/pkix-crl', maxBytes: MAX_CRL_BYTES })
    return { kind: 'crl', der: await firstAnswer(certificate.extensions.crlUrls, ask) }
  }
}
