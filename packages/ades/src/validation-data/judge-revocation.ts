/**
 * What revocation information says about a certificate, once it is verified: RFC 6960, 3.2 and RFC 5280, 6.3.3.
 *
 * Information that cannot be relied on is a problem, never an answer: an attacker would else choose between "good"
 * and "unknown".
 */
import { DerError } from '@natsuin/pki/asn1'
import { parseCrl, revocationStatus, verifyCrl } from '@natsuin/pki/crl'
import { certIdAsIn, isSameCertId, parseOcspResponse, verifyOcspResponse } from '@natsuin/pki/ocsp'
import type { Platform } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import type { RevocationInfo, RevocationQuestion } from './revocation-source.ts'

export type RevocationJudgement =
  | {
      readonly kind: 'good'
      /** Who signed the information: the issuer, or a responder that it delegated. */
      readonly signer: Certificate
      /** Until when it is current; `undefined` when it does not say. */
      readonly nextUpdate: Date | undefined
    }
  | { readonly kind: 'revoked'; readonly signer: Certificate; readonly revokedAt: Date }
  | { readonly kind: 'unusable'; readonly problem: string }

/** What the information comes to, once everything about it is verified; never throws for bad information. */
export async function judgeRevocation(
  info: RevocationInfo,
  question: RevocationQuestion,
  platform: Platform,
): Promise<RevocationJudgement> {
  try {
    return await JUDGES[info.kind](info.der, question, platform)
  } catch (error) {
    if (error instanceof DerError) return { kind: 'unusable', problem: `malformed: ${error.reason}` }
    throw error
  }
}

type Judge = (
  der: Uint8Array,
  question: RevocationQuestion,
  platform: Platform,
) => Promise<RevocationJudgement>

const JUDGES: Readonly<Record<RevocationInfo['kind'], Judge>> = { ocsp: judgeOcsp, crl: judgeCrl }

async function judgeOcsp(
  der: Uint8Array,
  { certificate, issuer, at }: RevocationQuestion,
  platform: Platform,
): Promise<RevocationJudgement> {
  const response = parseOcspResponse(der)
  const certId = await certIdAsIn(response, { certificate, issuer }, platform)
  if (certId === undefined) return { kind: 'unusable', problem: 'certificate-not-answered' }
  const answers = response.successful ? response.basic.responses : []
  const updates = answers.filter(one => isSameCertId(one.certId, certId)).map(one => one.thisUpdate)
  const judgedAt = allowingForClocks(at, updates)
  const verdict = await verifyOcspResponse({ response, certId, issuer, at: judgedAt }, platform)
  if (!verdict.valid) return { kind: 'unusable', problem: verdict.problem }
  const { status, responder: signer, single } = verdict
  if (status.kind === 'unknown') return { kind: 'unusable', problem: 'unknown to its responder' }
  if (status.kind === 'revoked') return { kind: 'revoked', signer, revokedAt: status.revokedAt }
  return { kind: 'good', signer, nextUpdate: single.nextUpdate }
}

async function judgeCrl(
  der: Uint8Array,
  { certificate, issuer, at }: RevocationQuestion,
  platform: Platform,
): Promise<RevocationJudgement> {
  const crl = parseCrl(der)
  const judgedAt = allowingForClocks(at, [crl.thisUpdate])
  const verdict = await verifyCrl({ crl, issuer, at: judgedAt }, platform)
  if (!verdict.valid) return { kind: 'unusable', problem: verdict.problem }
  const status = revocationStatus(crl, certificate)
  if (status.kind === 'undecidable') return { kind: 'unusable', problem: 'unknown-critical-extension' }
  if (status.kind === 'revoked') return { kind: 'revoked', signer: issuer, revokedAt: status.entry.revokedAt }
  return { kind: 'good', signer: issuer, nextUpdate: crl.nextUpdate }
}

const CLOCK_TOLERANCE_SECONDS = 300

/** An answer that was made after the question was put is not from the future, only from another clock. */
function allowingForClocks(at: Date, updates: readonly Date[]): Date {
  const newest = Math.max(...[at, ...updates].map(date => date.getTime()))
  return newest - at.getTime() <= CLOCK_TOLERANCE_SECONDS * 1000 ? new Date(newest) : at
}
