/** The CredentialInfo object of credentials/list and credentials/info: CSC API v2.0.0.2, 11.4 and 11.5. */
import { keyTypes } from '@natsuin/pki/algorithms'
import { toBase64, toHex } from '@natsuin/pki/encoding'
import type { CredentialInfo } from '@natsuin/protocol/csc'
import { type Credential, certificatesOf, endEntityOf } from '../../signing/credentials.ts'
import type { ModuleAlgorithms } from '../../signing/module-algorithms.ts'
import { algorithmOids } from '../algorithms.ts'
import { RequestRefused } from '../errors.ts'
import { optionalFlag, optionalText, type Parameters } from '../parameters.ts'

const CERTIFICATES = ['none', 'single', 'chain'] as const

export interface CredentialInfoOptions {
  readonly certificates: (typeof CERTIFICATES)[number]
  readonly certInfo: boolean
  readonly authInfo: boolean
  /** RFC 5646. */
  readonly lang: string
}

export function readInfoOptions(parameters: Parameters, lang: string): CredentialInfoOptions {
  const given = optionalText(parameters, 'certificates', 'certificates-invalid') ?? 'single'
  const certificates = CERTIFICATES.find(word => word === given)
  if (certificates === undefined) throw new RequestRefused('certificates-invalid')
  const certInfo = optionalFlag(parameters, 'certInfo', 'cert-info-invalid')
  const authInfo = optionalFlag(parameters, 'authInfo', 'auth-info-invalid')
  return { certificates, certInfo, authInfo, lang }
}

export async function credentialInfo(
  credential: Credential,
  options: CredentialInfoOptions,
  algorithms: ModuleAlgorithms,
): Promise<CredentialInfo> {
  const { bits, curveOid } = keyTypes[credential.key_type]
  return {
    key: {
      status: credential.status === 'valid' ? 'enabled' : 'disabled',
      algo: algorithmOids(credential.key_type, await algorithms.of(credential.key_type)),
      len: bits,
      ...(curveOid === undefined ? {} : { curve: curveOid }),
    },
    cert: {
      status: credential.status,
      ...certificates(credential, options),
      ...(options.certInfo ? certificateInfo(credential) : {}),
    },
    ...authorization(credential, options),
    multisign: credential.max_signatures,
    lang: options.lang,
  }
}

/** The mode is always there; what has to be given is told when asked. PIN and code pass through others: SCAL 1. */
function authorization({ explicit }: Credential, { authInfo }: CredentialInfoOptions) {
  if (!explicit) return { auth: { mode: 'oauth2code' }, SCAL: '2' } as const
  const told = authInfo ? { expression: `${PIN_ID} AND ${CODE_ID}`, objects: AUTH_OBJECTS } : {}
  return { auth: { mode: 'explicit', ...told }, SCAL: '1' } as const
}

/** The ids under which `credentials/authorize` takes them. */
export const PIN_ID = 'PIN'
export const CODE_ID = 'OTP'

const AUTH_OBJECTS = [
  { type: 'Password', id: PIN_ID, format: 'N', label: 'Signing PIN' },
  { type: 'Password', id: CODE_ID, format: 'N', label: 'Code of the authenticator app', generator: 'totp' },
] as const

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
