/**
 * Whether the certificates of a path were revoked, by what a document brings: EN 319 102-1 V1.4.1, 5.2.5 (freshness)
 * and 5.2.6.4; RFC 6960, 3.2; RFC 5280, 6.3.3; RFC 3161, 4.
 *
 * The question is about the time at which the use of the key is proven. Information that was made later answers it
 * as well as what was current then: a revocation is never taken back.
 */
import { DerError } from '@natsuin/pki/asn1'
import { type CrlReason, parseCrl, revocationStatus, verifyCrl } from '@natsuin/pki/crl'
import { certIdAsIn, isSameCertId, parseOcspResponse, verifyOcspResponse } from '@natsuin/pki/ocsp'
import type { Platform } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import type { StoredData } from './stored-data.ts'
import { type TimeStampFacts, ValidationEnded } from './verdict.ts'

export interface RevocationMaterial {
  readonly data: StoredData
  /**
   * When the data are proven to have existed: whoever signed them must have had a valid certificate until then, or he
   * could have made them up later. `undefined` where nobody says what time it is.
   */
  readonly provenAt: Date | undefined
  readonly platform: Platform
}

/** What a key was used for, and when. */
export type KeyUse =
  | {
      readonly purpose: 'signing'
      /** When the use is proven. */
      readonly at: Date
    }
  | {
      readonly purpose: 'time-stamping'
      /** What the time-stamp says itself. */
      readonly at: Date
      /** When something other than its own key proves that it existed; `undefined` where nothing does. */
      readonly shownAt: Date | undefined
    }

type Stamp = { readonly facts: TimeStampFacts }

/** @param around  archive or document time-stamps that hold, the oldest first; it may be one of them */
export function useOfTimeStamp({ facts }: Stamp, around: readonly Stamp[]): KeyUse {
  const shownAt = around.find(stamp => stamp.facts !== facts)?.facts.generatedAt
  return { purpose: 'time-stamping', at: facts.generatedAt, shownAt }
}

/**
 * @param path  leaf first, trust anchor last
 * @returns `undefined` when none was revoked, or of what nothing is said
 * @throws ValidationEnded REVOKED_NO_POE
 */
export async function revocationProblem(
  path: readonly Certificate[],
  use: KeyUse,
  material: RevocationMaterial,
): Promise<string | undefined> {
  for (const [i, certificate] of path.entries()) {
    const issuer = path[i + 1]
    if (issuer === undefined) return undefined
    const status = await statusOf({ certificate, issuer, usedAt: use.at }, material)
    if (status === undefined) return `no revocation information on ${certificate.subject.text}`
    if (status !== 'good' && !isAfter(status, use))
      throw new ValidationEnded('REVOKED_NO_POE', certificate.subject.text)
  }
  return undefined
}

/**
 * Whether the key was used before it was revoked. Whoever has the key of a time-stamping unit makes time-stamps of any time,
 * so what they say themselves counts only when the key was given up in good order (RFC 3161, 4, items 1 and 2).
 */
function isAfter({ revokedAt, reason }: Revoked, use: KeyUse): boolean {
  if (use.purpose === 'signing' || IN_GOOD_ORDER.has(reason ?? 'unspecified')) return revokedAt > use.at
  return use.shownAt !== undefined && revokedAt > use.shownAt
}

/** Unspecified is not among them: it cannot be told from a reason that is not given (RFC 5280, 5.3.1). */
const IN_GOOD_ORDER: ReadonlySet<CrlReason> = new Set([
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
])

interface Question {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly usedAt: Date
}

interface Revoked {
  readonly revokedAt: Date
  readonly reason: CrlReason | undefined
}

type Status = 'good' | Revoked

/** Bad news first: with one answer that says revoked, no other makes it good. */
async function statusOf(question: Question, material: RevocationMaterial): Promise<Status | undefined> {
  const { ocspResponses, crls } = material.data
  const answers: (Status | undefined)[] = []
  for (const der of ocspResponses)
    answers.push(await unlessMalformed(() => ocspStatus(der, question, material)))
  for (const der of crls) answers.push(await unlessMalformed(() => crlStatus(der, question, material)))
  const usable = answers.filter(answer => answer !== undefined)
  return usable.find(status => status !== 'good') ?? usable[0]
}

async function unlessMalformed(judge: () => Promise<Status | undefined>): Promise<Status | undefined> {
  try {
    return await judge()
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

async function ocspStatus(
  der: Uint8Array,
  { certificate, issuer, usedAt }: Question,
  { platform, provenAt }: RevocationMaterial,
): Promise<Status | undefined> {
  const response = parseOcspResponse(der)
  const certId = await certIdAsIn(response, { certificate, issuer }, platform)
  if (certId === undefined || !response.successful) return undefined
  const thisUpdate = response.basic.responses.find(one => isSameCertId(one.certId, certId))?.thisUpdate
  const at = later(usedAt, thisUpdate)
  const verdict = await verifyOcspResponse({ response, certId, issuer, at }, platform)
  if (!verdict.valid || !isProven(at, verdict.responder, provenAt)) return undefined
  const { status } = verdict
  if (status.kind === 'unknown') return undefined
  return status.kind === 'revoked' ? status : 'good'
}

async function crlStatus(
  der: Uint8Array,
  { certificate, issuer, usedAt }: Question,
  { platform, provenAt }: RevocationMaterial,
): Promise<Status | undefined> {
  const crl = parseCrl(der)
  const at = later(usedAt, crl.thisUpdate)
  const verdict = await verifyCrl({ crl, issuer, at }, platform)
  if (!verdict.valid || !isProven(at, issuer, provenAt)) return undefined
  const status = revocationStatus(crl, certificate)
  // An entry that we do not understand is held for a revocation (RFC 5280, 5.3).
  return status.kind === 'not-revoked' ? 'good' : status.entry
}

function isProven(at: Date, signer: Certificate, provenAt: Date | undefined): boolean {
  if (provenAt === undefined) return true
  return at.getTime() <= provenAt.getTime() + CLOCK_TOLERANCE_SECONDS * 1000 && signer.notAfter >= provenAt
}

// The clocks of a responder and of a time-stamping authority are not one.
const CLOCK_TOLERANCE_SECONDS = 300

function later(a: Date, b: Date | undefined): Date {
  return b !== undefined && b > a ? b : a
}
