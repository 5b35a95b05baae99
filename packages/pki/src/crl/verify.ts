/**
 * Whether a CRL speaks for an issuer at a time, as a value (RFC 5280, 6.3.3, for complete and direct CRLs).
 *
 * Partial, indirect and delta CRLs mark themselves with critical extensions, and are refused.
 */
import { equal } from '../encoding/bytes.ts'
import type { Verifier } from '../platform/index.ts'
import type { Certificate } from '../x509/certificate.ts'
import { verifySigned } from '../x509/signed.ts'
import { type Crl, type CrlEntry, findEntry } from './parse.ts'

export type CrlProblem =
  | 'issuer-mismatch'
  | 'issuer-may-not-sign-crls'
  | 'unknown-critical-extension'
  | 'not-yet-valid'
  | 'stale'
  | 'signature-invalid'

export type CrlVerdict = { readonly valid: true } | { readonly valid: false; readonly problem: CrlProblem }

/**
 * @param question.issuer  the certificate authority's certificate, already trusted
 * @param question.at      the time at which the CRL shall be current; `nextUpdate` must lie after it
 */
export async function verifyCrl(
  question: { readonly crl: Crl; readonly issuer: Certificate; readonly at: Date },
  platform: Verifier,
): Promise<CrlVerdict> {
  const problem = problemOf(question)
  if (problem !== undefined) return { valid: false, problem }
  const holds = await verifySigned(question.crl, question.issuer.spki, platform)
  return holds ? { valid: true } : { valid: false, problem: 'signature-invalid' }
}

function problemOf(question: {
  readonly crl: Crl
  readonly issuer: Certificate
  readonly at: Date
}): CrlProblem | undefined {
  const { crl, issuer, at } = question
  if (!equal(crl.issuer.bytes, issuer.subject.bytes)) return 'issuer-mismatch'
  const { keyUsage } = issuer.extensions
  if (keyUsage !== undefined && !keyUsage.includes('cRLSign')) return 'issuer-may-not-sign-crls'
  if (crl.unknownCritical.length > 0) return 'unknown-critical-extension'
  if (at < crl.thisUpdate) return 'not-yet-valid'
  // Without nextUpdate nobody knows how long it is current (RFC 5280, 5.1.2.5 makes it mandatory).
  return crl.nextUpdate === undefined || at > crl.nextUpdate ? 'stale' : undefined
}

export type RevocationStatus =
  | { readonly kind: 'not-revoked' }
  | { readonly kind: 'revoked'; readonly entry: CrlEntry }
  /** The entry carries a critical extension that we do not understand; hold it for revoked. */
  | { readonly kind: 'undecidable'; readonly entry: CrlEntry }

/** What a verified CRL says about a certificate of its issuer. */
export function revocationStatus(crl: Crl, certificate: Certificate): RevocationStatus {
  const entry = findEntry(crl, certificate.serialNumber)
  if (entry === undefined) return { kind: 'not-revoked' }
  return { kind: entry.unknownCritical.length > 0 ? 'undecidable' : 'revoked', entry }
}
