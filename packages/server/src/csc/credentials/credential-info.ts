/** The CredentialInfo object of credentials/list and credentials/info: CSC API v1.0.4.0 and v2.0.0.2, 11.4 and 11.5. */
import { keyTypes } from '@natsuin/pki/algorithms'
import { fieldsOf, parseDer, readOid, readSequence } from '@natsuin/pki/asn1'
import { toBase64, toHex } from '@natsuin/pki/encoding'
import type { credentialsInfoResponse, Formed } from '@natsuin/protocol/csc'
import { type Credential, certificatesOf, endEntityOf } from '../../signing/credentials.ts'
import type { ModuleAlgorithms } from '../../signing/module-algorithms.ts'
import { algorithmOids } from '../algorithms.ts'
import type { Way } from './ways/way.ts'

export interface CredentialInfoOptions {
  /** Default: single. */
  readonly certificates?: 'none' | 'single' | 'chain'
  readonly certInfo?: boolean
  readonly authInfo?: boolean
  /** RFC 5646. */
  readonly lang: string
}

export async function credentialInfo(
  { credential, way }: { readonly credential: Credential; readonly way: Way },
  options: CredentialInfoOptions,
  algorithms: ModuleAlgorithms,
): Promise<Formed<typeof credentialsInfoResponse>> {
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
    ...authorization(way, options),
    multisign: credential.max_signatures,
    lang: options.lang,
  }
}

/**
 * Mode and objects of v2 are always there, asked for or not, because the EU wallet's library does not read the answer
 * without; what v1 has instead is told when asked.
 */
function authorization({ told }: Way, { authInfo = false }: CredentialInfoOptions) {
  const { authMode, mode, expression, objects, PIN, OTP, SCAL } = told
  return {
    authMode,
    auth: { mode, objects, ...(expression !== undefined && { expression }) },
    ...(authInfo && PIN && { PIN }),
    ...(authInfo && OTP && { OTP }),
    SCAL,
  } as const
}

function certificates(credential: Credential, { certificates: wanted = 'single' }: CredentialInfoOptions) {
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
    policy: certificate.extensions.policies,
    qcStatements: qcStatementOids(certificate.extensions.qcStatements),
  }
}

/** RFC 3739, 3.2.6: each statement begins with its OID. */
function qcStatementOids(extension: Uint8Array | undefined): readonly string[] {
  if (extension === undefined) return []
  return readSequence(parseDer(extension), 'QCStatements').map(statement =>
    readOid(fieldsOf(statement, 'QCStatement').take('statementId')),
  )
}

/** YYYYMMDDHHMMSSZ (RFC 4517, 3.3.13, without fractions). */
function generalizedTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
}
