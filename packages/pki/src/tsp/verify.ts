/**
 * Whether a time-stamp token proves that something existed (RFC 3161, 2.2 and 2.3; RFC 5816), as a value.
 *
 * The chain of the unit's certificate is for `path`: validate it at `tstInfo.genTime` for OID.timeStamping.
 */
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { parseSignedData } from '../cms/signed-data.ts'
import { type SignerProblem, verifySignedData } from '../cms/verify.ts'
import { equal } from '../encoding/bytes.ts'
import type { Digest, Platform } from '../platform/index.ts'
import type { Certificate } from '../x509/certificate.ts'
import { parseTimeStampRequest, type TimeStampRequest } from './request.ts'
import { parseTimeStampResponse } from './response.ts'
import { parseTstInfo, type TstInfo } from './tst-info.ts'

export type TimeStampProblem =
  | SignerProblem
  | 'malformed'
  | 'not-a-time-stamp'
  | 'imprint-algorithm-unsupported'
  | 'imprint-mismatch'
  | 'unknown-critical-extension'
  | 'certificate-not-for-time-stamping'

export type TimeStampVerdict<Problem = TimeStampProblem> =
  | {
      readonly valid: true
      readonly tstInfo: TstInfo
      /** Of the time-stamping unit; its chain is not yet validated. */
      readonly certificate: Certificate
      /** All that the token brought, DER each. */
      readonly certificates: readonly Uint8Array[]
    }
  | { readonly valid: false; readonly problem: Problem }

/** What was stamped: the octets themselves, or their digest with the algorithm of the token. */
export type Stamped = { readonly content: Uint8Array } | { readonly digest: Uint8Array }

/**
 * @param token         DER TimeStampToken, nothing after it
 * @param stamped       for a signature-time-stamp the octets of the signature value
 * @param certificates  where to find the unit's certificate besides the token, DER each
 * @returns a verdict also for bytes that are no token; never throws for bad input
 */
export async function verifyTimeStampToken(
  token: Uint8Array,
  stamped: Stamped,
  platform: Platform,
  certificates: readonly Uint8Array[] = [],
): Promise<TimeStampVerdict> {
  try {
    return await verifyToken(token, stamped, platform, certificates)
  } catch (error) {
    if (error instanceof DerError) return { valid: false, problem: 'malformed' }
    throw error
  }
}

async function verifyToken(
  token: Uint8Array,
  stamped: Stamped,
  platform: Platform,
  certificates: readonly Uint8Array[],
): Promise<TimeStampVerdict> {
  const signedData = parseSignedData(token)
  const { content } = signedData
  if (signedData.contentType !== OID.tstInfo || content === undefined) {
    return { valid: false, problem: 'not-a-time-stamp' }
  }
  const tstInfo = parseTstInfo(content)
  const verdict = await verifySignedData(signedData, 'encapsulated', platform, { certificates })
  if (!verdict.valid) return verdict
  const problem =
    (await problemOfImprint(tstInfo, stamped, platform)) ?? problemOfUnit(tstInfo, verdict.certificate)
  if (problem !== undefined) return { valid: false, problem }
  return { valid: true, tstInfo, certificate: verdict.certificate, certificates: signedData.certificates }
}

async function problemOfImprint(
  tstInfo: TstInfo,
  stamped: Stamped,
  platform: Digest,
): Promise<TimeStampProblem | undefined> {
  const { digestAlgorithm, hashedMessage } = tstInfo.imprint
  if (digestAlgorithm === undefined) return 'imprint-algorithm-unsupported'
  const digest =
    'digest' in stamped ? stamped.digest : await platform.digest(digestAlgorithm, stamped.content)
  return equal(digest, hashedMessage) ? undefined : 'imprint-mismatch'
}

/** RFC 3161, 2.3: the unit's certificate has the one key purpose timeStamping, and it is critical. */
function problemOfUnit(tstInfo: TstInfo, { extensions }: Certificate): TimeStampProblem | undefined {
  if (tstInfo.extensions.some(extension => extension.critical)) return 'unknown-critical-extension'
  const purposes = extensions.extKeyUsage ?? []
  const critical = extensions.all.some(extension => extension.oid === OID.extKeyUsage && extension.critical)
  const exclusive = critical && purposes.length === 1 && purposes[0] === OID.timeStamping
  return exclusive ? undefined : 'certificate-not-for-time-stamping'
}

export type TimeStampAnswerProblem = TimeStampProblem | 'rejected' | 'nonce-mismatch' | 'policy-mismatch'

/**
 * Whether an authority's answer is the answer to this request: granted, over the same imprint, with the same nonce
 * and the policy asked for (RFC 3161, 2.2).
 *
 * @param response  DER TimeStampResp
 * @param request   DER TimeStampReq, ours
 */
export async function verifyTimeStampResponse(
  response: Uint8Array,
  request: Uint8Array,
  platform: Platform,
  certificates: readonly Uint8Array[] = [],
): Promise<TimeStampVerdict<TimeStampAnswerProblem> & { readonly token?: Uint8Array }> {
  const asked = parseTimeStampRequest(request)
  const token = tokenOf(response)
  if (typeof token === 'string') return { valid: false, problem: token }
  const verdict = await verifyTimeStampToken(
    token,
    { digest: asked.imprint.hashedMessage },
    platform,
    certificates,
  )
  if (!verdict.valid) return verdict
  const problem = problemOfAnswer(verdict.tstInfo, asked)
  return problem === undefined ? { ...verdict, token } : { valid: false, problem }
}

function tokenOf(response: Uint8Array): Uint8Array | 'rejected' | 'malformed' {
  try {
    const answer = parseTimeStampResponse(response)
    return answer.granted ? answer.token : 'rejected'
  } catch (error) {
    if (error instanceof DerError) return 'malformed'
    throw error
  }
}

function problemOfAnswer(tstInfo: TstInfo, asked: TimeStampRequest): TimeStampAnswerProblem | undefined {
  const none = new Uint8Array()
  if (tstInfo.imprint.digestAlgorithm !== asked.imprint.digestAlgorithm) return 'imprint-mismatch'
  if (!equal(tstInfo.nonce ?? none, asked.nonce ?? none)) return 'nonce-mismatch'
  return asked.policy === undefined || asked.policy === tstInfo.policy ? undefined : 'policy-mismatch'
}
