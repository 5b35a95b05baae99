/**
 * Who a client is by the certificate that it showed (RFC 8705, 2): one that an authority of the configuration issued to the
 * registered subject, or the registered one itself. Neither the system's authorities nor what TLS or a proxy made of the
 * certificate count: only what is configured for clients may name clients.
 */
import { X509Certificate } from 'node:crypto'
import { OID } from '@natsuin/pki/asn1'
import { nodePlatform } from '@natsuin/pki/node'
import { validatePath } from '@natsuin/pki/path'
import { type Certificate, readableCertificates } from '@natsuin/pki/x509'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Clock } from '../clock.ts'
import type { ClientCertificates } from '../http/client-certificates.ts'

export interface ClientTlsParts {
  readonly clientCertificates: ClientCertificates
  /** Of the authorities that issue certificates to clients. */
  readonly clientAuthorities: readonly Certificate[]
  readonly clock: Clock
}

const TRUSTED = 'clientCertificateTrusted'

/** The provider asks without waiting, so a path is looked for before it begins. */
export function certificateJudge({ clientCertificates, clientAuthorities, clock }: ClientTlsParts) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const shown = clientAuthorities.length === 0 ? undefined : clientCertificates(context.req)
    if (shown !== undefined) {
      context.state[TRUSTED] = await isIssued(shown.x509, clientAuthorities, clock())
    }
    await next()
  }
}

async function isIssued({ raw }: X509Certificate, trustAnchors: readonly Certificate[], at: Date) {
  const [leaf] = readableCertificates([new Uint8Array(raw)])
  if (leaf === undefined) return false
  const question = { leaf, intermediates: [], trustAnchors, at }
  const verdict = await validatePath({ ...question, platform: nodePlatform, keyPurpose: OID.clientAuth })
  // An authority's own certificate is no client's.
  return verdict.valid && verdict.path.length > 1
}

/** The part of the provider's configuration. */
export function mutualTls({ clientCertificates }: ClientTlsParts) {
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    tlsClientAuth: true,
    selfSignedTlsClientAuth: true,
    getCertificate: ({ req }: KoaContextWithOIDC) => clientCertificates(req)?.x509,
    certificateAuthorized: ({ state }: KoaContextWithOIDC) => state[TRUSTED] === true,
    certificateSubjectMatches: ({ req }: KoaContextWithOIDC, property: string, expected: string) => {
      const shown = readableCertificates([new Uint8Array(clientCertificates(req)?.x509.raw ?? [])])
      return property === 'tls_client_auth_subject_dn' && shown[0]?.subject.text === expected
    },
  } as const satisfies NonNullable<Configuration['features']>['mTLS']
}

/** The key of a certificate as one of a client's keys, with the certificate in it (RFC 8705, 2.2.2). */
export function keyWithCertificate(certificate: string): Readonly<Record<string, unknown>> {
  const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'))
  return { ...publicKey.export({ format: 'jwk' }), x5c: [certificate] }
}
