/**
 * Whether an OCSP response speaks for an issuer about a certificate at a time, as a value (RFC 6960, 3.2).
 *
 * The signer is the issuer itself, or a responder the issuer certified directly for OCSPSigning (4.2.2.2). A
 * responder that is merely configured (the third way there) is not accepted.
 */
import { OID } from '../asn1/oid.ts'
import { equal } from '../encoding/bytes.ts'
import type { Verifier } from '../platform/index.ts'
import { type Certificate, readableCertificates } from '../x509/certificate.ts'
import { verifySigned } from '../x509/signed.ts'
import { type CertId, isSameCertId } from './cert-id.ts'
import type {
  BasicOcspResponse,
  CertificateStatus,
  OcspFailure,
  OcspResponse,
  SingleResponse,
} from './response.ts'

export type OcspProblem =
  | 'not-successful'
  | 'unknown-critical-extension'
  | 'nonce-mismatch'
  | 'certificate-not-answered'
  | 'not-yet-valid'
  | 'stale'
  | 'responder-not-authorised'
  | 'signature-invalid'

export type OcspVerdict =
  | {
      readonly valid: true
      readonly status: CertificateStatus
      readonly single: SingleResponse
      readonly producedAt: Date
      /** The issuer's certificate or the delegated one. */
      readonly responder: Certificate
    }
  | { readonly valid: false; readonly problem: OcspProblem; readonly failure?: OcspFailure }

export interface OcspQuestion {
  readonly response: OcspResponse
  /** The CertID that was asked, or built with the same hash algorithm as the response has. */
  readonly certId: CertId
  /** Issuer of the certificate in question, already trusted. */
  readonly issuer: Certificate
  /** The time at which the answer shall be current. */
  readonly at: Date
  /** The nonce that was sent; a response must then carry it. */
  readonly nonce?: Uint8Array
  /** How old an answer without `nextUpdate` may be, in seconds. */
  readonly maxAgeSeconds?: number
}

/** An answer without `nextUpdate` says "as of thisUpdate"; five minutes later it says nothing. */
const DEFAULT_MAX_AGE_SECONDS = 300

export async function verifyOcspResponse(question: OcspQuestion, platform: Verifier): Promise<OcspVerdict> {
  const { response, certId } = question
  if (!response.successful) return { valid: false, problem: 'not-successful', failure: response.failure }
  const { basic } = response
  const single = basic.responses.find(candidate => isSameCertId(candidate.certId, certId))
  const problem = problemOf(basic, single, question)
  if (problem !== undefined) return { valid: false, problem }
  if (single === undefined) return { valid: false, problem: 'certificate-not-answered' }
  const responder = await findResponder(basic, question, platform)
  if (typeof responder === 'string') return { valid: false, problem: responder }
  return { valid: true, status: single.status, single, producedAt: basic.producedAt, responder }
}

function problemOf(
  basic: BasicOcspResponse,
  single: BasicOcspResponse['responses'][number] | undefined,
  { nonce, at, maxAgeSeconds = DEFAULT_MAX_AGE_SECONDS }: OcspQuestion,
): OcspProblem | undefined {
  const extensions = [...basic.extensions, ...(single?.extensions ?? [])]
  if (extensions.some(({ oid, critical }) => critical && oid !== OID.ocspNonce))
    return 'unknown-critical-extension'
  if (nonce !== undefined && !equal(nonce, basic.nonce ?? new Uint8Array())) return 'nonce-mismatch'
  if (single === undefined) return 'certificate-not-answered'
  if (at < single.thisUpdate) return 'not-yet-valid'
  const until = single.nextUpdate ?? new Date(single.thisUpdate.getTime() + maxAgeSeconds * 1000)
  return at > until ? 'stale' : undefined
}

/**
 * The certificate that signed, among those that may.
 *
 * A responder named by key hash is not looked up by it (that hash is SHA-1): each authorised certificate is tried,
 * and the signature decides.
 */
async function findResponder(
  basic: BasicOcspResponse,
  { issuer, at }: OcspQuestion,
  platform: Verifier,
): Promise<Certificate | 'responder-not-authorised' | 'signature-invalid'> {
  const delegated = readableCertificates(basic.certificates).filter(certificate =>
    mayRespond(certificate, issuer, at),
  )
  const named = [issuer, ...delegated].filter(certificate => isNamed(basic, certificate))
  let authorised = false
  for (const candidate of named) {
    if (candidate !== issuer && !(await verifySigned(candidate, issuer.spki, platform))) continue
    authorised = true
    if (await verifySigned(basic, candidate.spki, platform)) return candidate
  }
  return authorised ? 'signature-invalid' : 'responder-not-authorised'
}

function isNamed({ responderId }: BasicOcspResponse, certificate: Certificate): boolean {
  return responderId.kind === 'key-hash' || equal(responderId.name, certificate.subject.bytes)
}

/** RFC 6960, 4.2.2.2: named as issued by the issuer, for OCSPSigning, and valid; the caller checks its signature. */
function mayRespond(certificate: Certificate, issuer: Certificate, at: Date): boolean {
  const { extensions } = certificate
  return (
    equal(certificate.issuer.bytes, issuer.subject.bytes) &&
    extensions.extKeyUsage?.includes(OID.ocspSigning) === true &&
    (extensions.keyUsage === undefined || extensions.keyUsage.includes('digitalSignature')) &&
    extensions.unknownCritical.length === 0 &&
    at >= certificate.notBefore &&
    at <= certificate.notAfter
  )
}
