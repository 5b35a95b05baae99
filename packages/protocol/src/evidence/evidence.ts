/**
 * Evidence of one signature: everything from which a third party verifies offline, with the pinned SAM key
 * alone, that an authenticator enrolled for this person approved this digest (design 3).
 *
 * The chain: SAM key → checkpoints of the state log and of the activity log of the SAM that signed → inclusion of
 * every leaf below → leaf 0 of the state log fixes the roster → officers of the roster signed the grant → the holder
 * of the grant's key signed by which means he approves → one of them proves that he approved the statement → the
 * statement names the digest → the signature value over that digest verifies with the attested key, which the certificate
 * carries.
 */
import { assertion, idTokenText, keptProof, means } from '../approval/index.ts'
import { roster } from '../genesis/index.ts'
import { base64url, integer, list, oneOf, optional, record, type Shaped, text } from '../shape/shape.ts'
import { madeRepresentation } from './made-representation.ts'

const bytes = (max: number) => base64url({ max })

/** One leaf as logged, and the path from it to the root of the checkpoint (RFC 9162, 2.1.3). */
export const includedLeaf = record({
  index: integer({ min: 0, max: 2 ** 50 }),
  leaf: bytes(100_000),
  path: list(base64url({ min: 32, max: 32 }), { max: 63 }),
})

/** A statement and the assertion over it. */
export const approvedStatement = record({ statement: bytes(8_000_000), assertion })

/** What people approved by which the roster changed, and the record of it in the state log. */
export const amendment = record({
  approvals: list(approvedStatement, { min: 1, max: 20 }),
  leaf: includedLeaf,
})

export const evidence = record({
  v: oneOf(1),
  type: oneOf('natsuin-evidence'),
  /** DER SubjectPublicKeyInfo; genuine only if its SHA-256 is the verifier's pin. */
  samKey: base64url({ min: 60, max: 200 }),
  /** The one of genesis, and what made others of it, up to the newest that this evidence is about. */
  roster,
  amendments: list(amendment, { max: 10_000 }),
  /** What the officers signed: one approval, two at level 3. */
  grant: list(approvedStatement, { min: 1, max: 10 }),
  enrolment: record({
    statement: bytes(16384),
    means,
    enrolmentSignature: bytes(200),
    /** For the code among the means, if there is one. */
    idToken: optional(idTokenText),
  }),
  /**
   * Authenticators added since, oldest first: from one that was enrolled to the one that approved, each approved by one
   * before it. Empty when the enrolled one approved.
   */
  additions: list(record({ statement: bytes(65_536), assertion, added: includedLeaf }), { max: 1000 }),
  keyAttestation: text({ max: 16384 }),
  /** DER, end entity first, root last. */
  certificates: list(bytes(16384), { min: 2, max: 10 }),
  /** What the signer approved, and how he showed that he does. */
  approval: record({ statement: bytes(8_000_000), proof: keptProof }),
  activation: record({
    activationId: text({ max: 64 }),
    /** Which of the activation's representations this evidence is about, from 0. */
    index: integer({ min: 0, max: 999 }),
    dtbsr: base64url({ min: 32, max: 64 }),
    /** As CMS carries it: DER ECDSA-Sig-Value or RSA octets. */
    signatureValue: bytes(1024),
    /** Absent when the DTBS/R itself was approved. */
    made: optional(madeRepresentation),
  }),
  /** What the deployment was when the SAM signed. */
  stateLog: record({
    checkpoint: text({ max: 4096 }),
    genesis: includedLeaf,
    grantAccepted: includedLeaf,
    enrolled: includedLeaf,
    keyGenerated: includedLeaf,
    certificateLinked: includedLeaf,
  }),
  /** What that SAM did. */
  activityLog: record({
    checkpoint: text({ max: 4096 }),
    sadAccepted: includedLeaf,
    granted: includedLeaf,
    completed: includedLeaf,
  }),
})

export type Evidence = Shaped<typeof evidence>
export type AmendmentEvidence = Shaped<typeof amendment>
export type IncludedLeaf = Shaped<typeof includedLeaf>
export type ApprovalEvidence = Evidence['approval']
export type ApprovedStatement = Shaped<typeof approvedStatement>
