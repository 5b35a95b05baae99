/**
 * Enrolment: a person with a grant becomes a signer with a certified key (sole-control 6).
 *
 * Four steps by three processes: the SAM enrols and attests the key, `authorities` certify the attestation, the
 * SAM links the certificate, the server makes account and credential. Each answer is recorded before the next
 * step; a crash anywhere is followed by the remaining steps, at the next start or at the page's retry.
 */
import { hash } from 'node:crypto'
import { concat, toBase64 } from '@natsuin/pki/encoding'
import { parseCertificate } from '@natsuin/pki/x509'
import { enrolStatement, enrolTicket, type Means, peekJws, toWire } from '@natsuin/protocol/approval'
import { type KeyAttestation, keyAttestation } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import { type SapResponse, sapMethods } from '@natsuin/protocol/sap'
import { readStrictJson, writeJson } from '@natsuin/protocol/shape'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest, createBearer } from '../signing/bearer.ts'
import type { Sam } from '../signing/sam.ts'
import type { AccountRepository } from '../storage/accounts.ts'
import type { CredentialRepository } from '../storage/credentials.ts'
import type { Enrolment, EnrolmentRepository } from '../storage/enrolments.ts'
import type { LogInLinkRepository } from '../storage/log-in-links.ts'
import type { LogInRepository } from '../storage/log-ins.ts'
import type { Authorities } from './authorities.ts'

const ACCOUNT_TOKEN_SECONDS = 600

export interface Submission {
  readonly statement: Uint8Array
  readonly means: Means
  readonly enrolmentSignature: Uint8Array
}

export interface EnrolledSigner {
  readonly signerId: string
  readonly credentialId: string
  /** With it the signer registers his first log-in passkey; absent when he has one. */
  readonly accountToken?: string
}

export interface Enrolments {
  ticket(grantId: string): Promise<string>
  /** Repeatable with the same submission. @throws Refusal enrolment-differs, or of SAM and authorities */
  submit(grantId: string, submission: Submission): Promise<EnrolledSigner>
  /** Finishes what an earlier process began; returns how many it finished. */
  resume(): Promise<number>
}

export interface EnrolmentParts {
  readonly sam: Sam
  readonly authorities: Authorities
  readonly enrolments: EnrolmentRepository
  readonly credentials: CredentialRepository
  readonly accounts: AccountRepository
  readonly logIns: LogInRepository
  readonly logInLinks: LogInLinkRepository
  readonly clock: Clock
}

type Enrolled = SapResponse<'enrol'>

export function createEnrolments(parts: EnrolmentParts): Enrolments {
  return {
    ticket: async grantId => (await parts.sam.call('tickets/enrol', { grantId })).ticket,
    async submit(grantId, submission) {
      checkGrant(grantId, submission.statement)
      const enrolled = await enrol(parts, grantId, submission)
      await finish(parts, grantId, enrolled)
      const { signerId, credentialId } = enrolled
      // A submission that is sent again must not open an account that has an owner.
      if ((await parts.accounts.countPasskeys(signerId)) > 0) return { signerId, credentialId }
      return { signerId, credentialId, accountToken: await issueAccountToken(parts, signerId) }
    },
    async resume() {
      const unfinished = await parts.enrolments.unfinished()
      for (const enrolment of unfinished) await finish(parts, enrolment.grant_id, answerOf(enrolment))
      return unfinished.length
    },
  }
}

/** The path names the grant; the ticket in the statement must be for the same one. */
function checkGrant(grantId: string, statement: Uint8Array): void {
  const { ticket } = readStrictJson(statement, enrolStatement)
  if (peekJws(ticket, 'natsuin-ticket', enrolTicket).grantId !== grantId) {
    throw new Refusal('enrolment-differs', { grantId })
  }
}

/** The SAM's answer to this submission: the recorded one, or a new one that is recorded before it is used. */
async function enrol(parts: EnrolmentParts, grantId: string, submission: Submission): Promise<Enrolled> {
  const digest = submissionDigest(submission)
  const now = epochSeconds(parts.clock())
  const known = await parts.enrolments.submit(grantId, digest, now)
  if (known.submission_digest !== digest) {
    const replaced = await parts.enrolments.replaceSubmission(grantId, digest, now)
    if (!replaced) throw new Refusal('enrolment-differs', { grantId })
  }
  if (known.state !== 'submitted') return answerOf(known)
  const enrolled = await parts.sam.call('enrol', { ...submission })
  await parts.enrolments.enrolled(grantId, JSON.stringify(enrolled), now)
  return enrolled
}

function submissionDigest({ statement, means, enrolmentSignature }: Submission): string {
  const members = [statement, writeJson(toWire(means)), enrolmentSignature].map(member =>
    hash('sha256', member, 'buffer'),
  )
  return hash('sha256', concat(...members), 'base64url')
}

function answerOf(enrolment: Enrolment): Enrolled {
  return sapMethods.enrol.response(JSON.parse(enrolment.enrolled ?? 'null'))
}

/** Everything after the SAM's answer. Each step is idempotent at its peer, so steps may be repeated. */
async function finish(parts: EnrolmentParts, grantId: string, enrolled: Enrolled): Promise<void> {
  const { enrolments, sam, authorities, clock } = parts
  const { credentialId, keyAttestation: attestation } = enrolled
  // A key from elsewhere may have come with its certificate, which the SAM has linked.
  const own = enrolled.certificates
  const { certificates } =
    own === undefined
      ? await authorities.call('issue', { keyAttestation: attestation })
      : { certificates: own }
  await enrolments.issued(grantId, JSON.stringify(certificates.map(toBase64)), epochSeconds(clock()))
  if (own === undefined) await sam.call('certificates/link', { credentialId, certificates })
  await store(parts, enrolled, certificates)
  await enrolments.linked(grantId, epochSeconds(clock()))
}

async function store(
  parts: EnrolmentParts,
  enrolled: Enrolled,
  certificates: readonly Uint8Array[],
): Promise<void> {
  const now = epochSeconds(parts.clock())
  const { signerId, credentialId, keyType, level, maxSignatures, approvals } = enrolled
  const { subject }: KeyAttestation = peekJws(
    enrolled.keyAttestation,
    'natsuin-key-attestation',
    keyAttestation,
  )
  await parts.accounts.ensure({ signer_id: signerId, name: subject.commonName, created_at: now })
  await linkAccount(parts, enrolled)
  const endEntity = parseCertificate(certificates[0] ?? new Uint8Array())
  await parts.credentials.ensure({
    credential_id: credentialId,
    signer_id: signerId,
    key_type: keyType,
    level,
    max_signatures: maxSignatures,
    approvals: JSON.stringify(approvals),
    certificates: JSON.stringify(certificates.map(toBase64)),
    not_before: epochSeconds(endEntity.notBefore),
    not_after: epochSeconds(endEntity.notAfter),
    created_at: now,
    revoked_at: null,
    deleted_at: null,
  })
}

/** From now on his log-in there opens his account here; the SAM alone says whose it is. */
async function linkAccount(
  { logInLinks, clock }: EnrolmentParts,
  { signerId, account }: Enrolled,
): Promise<void> {
  if (account === undefined) return
  const { issuer, subject } = account
  await logInLinks.put({ issuer, subject, signer_id: signerId, linked_at: epochSeconds(clock()) })
}

async function issueAccountToken({ logIns, clock }: EnrolmentParts, signerId: string): Promise<string> {
  const token = createBearer()
  await logIns.addAccountToken({
    token_digest: bearerDigest(token),
    signer_id: signerId,
    challenge: null,
    expires_at: epochSeconds(clock()) + ACCOUNT_TOKEN_SECONDS,
    spent_at: null,
  })
  return token
}
