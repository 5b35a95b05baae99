/** The CredentialInfo object of credentials/list and credentials/info: CSC API v2.0.0.2, 11.4 and 11.5. */
import { keyTypes } from '@natsuin/pki/algorithms'
import { toBase64, toHex } from '@natsuin/pki/encoding'
import type { CredentialInfo } from '@natsuin/protocol/csc'
import { type Credential, certificatesOf, endEntityOf } from '../../signing/credentials.ts'
import { algorithmOids } from '../algorithms.ts'
import { RequestRefused } from '../errors.ts'
import { optionalFlag, optionalText, type Parameters } from '../parameters.ts'

const CERTIFICATES = ['none', 'single', 'chain'] as const

export interface CredentialInfoOptions {
  readonly certificates: (typeof CERTIFICATES)[number]
  readonly certInfo: boolean
  /** RFC 5646. */
  readonly lang: string
}

export function readInfoOptions(parameters: Parameters, lang: string): CredentialInfoOptions {
  const given = optionalText(parameters, 'certificates', 'certificates-invalid') ?? 'single'
  const certificates = CERTIFICATES.find(word => word === given)
  if (certificates === undefined) throw new RequestRefused('certificates-invalid')
  const certInfo = optionalFlag(parameters, 'certInfo', 'cert-info-invalid')
  // Nothing to add when asked: the mode is always there, and oauth2code has no authentication objects.
  optionalFlag(parameters, 'authInfo', 'auth-info-invalid')
  return { certificates, certInfo, lang }
}

export function credentialInfo(credential: Credential, options: CredentialInfoOptions): CredentialInfo {
  const { bits, curveOid } = keyTypes[credential.key_type]
  return {
    key: {
      status: credential.status === 'valid' ? 'enabled' : 'disabled',
      algo: algorithmOids(credential.key_type),
      len: bits,
      ...(curveOid === undefined ? {} : { curve: curveOid }),
    },
    cert: {
      status: credential.status,
      ...certificates(credential, options),
      ...(options.certInfo ? certificateInfo(credential) : {}),
    },
    auth: { mode: 'oauth2code' },
    SCAL: '2',
    multisign: credential.max_signatures,
    lang: options.lang,
  }
}

function certificates(credential: Credential, { certificates: wanted }: CredentialInfoOptions) {
  if (wanted === 'none') return {}
  const chain = certificatesOf(credential).map(toBase64)
  return { certificates: wanted === 'chain' ? chain : chain.slice(0, 1) }
}

function certificateInfo(credential: Credential) {
  const certificate = endEntityOf(credential)
  return {
    issuerDN: certificate.issuer.text,
    serialNumber: toHex(certificate.serialNumber).toUpperCase(),
    subjectDN: certificate.subject.text,
    validFrom: generalizedTime(certificate.notBefore),
    validTo: generalizedTime(certificate.notAfter),
  }
}

/** YYYYMMDDHHMMSSZ (RFC 4517, 3.3.13, without fractions). */
function generalizedTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
}
