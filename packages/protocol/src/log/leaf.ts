/**
 * What the logs record: one leaf per event, in the transaction of what it records (sole-control 5, 9).
 *
 * The state log, one per deployment, says what exists and what was taken away; the activity log of a SAM says what
 * it did on the strength of that. Leaves hold identifiers and digests, never names, documents, tickets or SADs: a log
 * outlives every right to erasure, and the texts behind the digests are kept elsewhere. Digests are SHA-256; those of texts
 * that can be guessed are salted (`commitment.ts`).
 */

import { authenticatorId, identifier } from '../approval/index.ts'
import {
  base64url,
  integer,
  list,
  oneOf,
  optional,
  record,
  type Shaped,
  text,
  variant,
} from '../shape/shape.ts'

const digest = base64url({ min: 32, max: 32 })
const at = integer({ min: 0, max: 2 ** 50 })
/** Seconds since 1970-01-01T00:00:00Z. */
const until = integer({ min: 0, max: 2 ** 40 })

/** A signed head of the activity log of the SAM that the leaf is about. */
const activity = text({ max: 2048 })
/** How much of the state log the SAM had taken over. */
const stateSize = integer({ min: 1, max: 2 ** 50 })

/** Of the roster in force. */
const rosterVersion = integer({ min: 1, max: 2 ** 31 })

/** In both logs: the wall clock of a SAM is no longer trusted; `at` goes on, and never back. Milliseconds. */
const clockParted = record({
  event: oneOf('clock-parted'),
  at,
  instance: identifier,
  wall: integer({ min: -(2 ** 50), max: 2 ** 50 }),
  /** By the monotonic clock, since the process began. */
  elapsed: integer({ min: 0, max: 2 ** 50 }),
  /** A moment that has come by any clock; times of leaves may be ahead of it, before this one and after. */
  certain: at,
})

/** `at` is milliseconds since 1970-01-01T00:00:00Z by the SAM's clock. */
const stateLeaves = {
  genesis: record({ event: oneOf('genesis'), at, rosterDigest: digest }),
  'roster-amended': record({
    event: oneOf('roster-amended'),
    at,
    /** Of the roster that is in force from here on. */
    version: rosterVersion,
    rosterDigest: digest,
    /** Digests of the statements by which people approved it. */
    approvals: list(digest, { min: 1, max: 20 }),
  }),
  opened: record({
    event: oneOf('opened'),
    at,
    instance: identifier,
    bootId: identifier,
    activity,
    /** Digest of the SAM's configuration: what was changed in it shows (EN 419 241-1:2018, SRG_AA.1). */
    configurationDigest: digest,
  }),
  closed: record({
    event: oneOf('closed'),
    at,
    instance: identifier,
    bootId: identifier,
    activity,
  }),
  'grant-accepted': record({
    event: oneOf('grant-accepted'),
    at,
    grantId: identifier,
    /** By which the officers were officers. */
    rosterVersion,
    approvals: list(digest, { min: 1, max: 10 }),
  }),
  enrolled: record({
    event: oneOf('enrolled'),
    at,
    signerId: identifier,
    grantId: identifier,
    /** Digest of the enrolment message: statement and means. */
    registrationDigest: digest,
    /** Of the public keys among the means. */
    authenticatorKeyDigest: optional(digest),
    sealKeyDigest: optional(digest),
    /** Of the ID token for the provider's code among the means. */
    idTokenDigest: optional(digest),
  }),
  'authenticator-added': record({
    event: oneOf('authenticator-added'),
    at,
    signerId: identifier,
    authenticatorId,
    authenticatorKeyDigest: digest,
    /** Digest of the statement, which holds the registration. */
    statementDigest: digest,
    /** The one that approved it. */
    approvedBy: authenticatorId,
  }),
  'authenticator-removed': record({
    event: oneOf('authenticator-removed'),
    at,
    signerId: identifier,
    authenticatorId,
    statementDigest: digest,
    approvedBy: authenticatorId,
  }),
  /** By the SAM itself: of a signer or of an officer. */
  'authenticator-suspended': record({
    event: oneOf('authenticator-suspended'),
    at,
    authenticatorId,
    reason: text({ max: 64 }),
  }),
  /** PIN and code of the signer approve nothing until then. */
  'means-locked': record({ event: oneOf('means-locked'), at, signerId: identifier, until }),
  /** None of the signer's credentials signs any more: somebody else is enrolled in his place. */
  'signer-closed': record({
    event: oneOf('signer-closed'),
    at,
    signerId: identifier,
    grantId: identifier,
  }),
  /** Of him the logs keep identifiers and digests; the texts behind them are gone. */
  'signer-erased': record({ event: oneOf('signer-erased'), at, signerId: identifier }),
  'key-generated': record({
    event: oneOf('key-generated'),
    at,
    signerId: identifier,
    credentialId: identifier,
    /** Whose class it is of. */
    rosterVersion,
    attestationDigest: digest,
    /** The SAM in whose memory alone the key is; it lives for one session. */
    heldBy: optional(identifier),
  }),
  'key-imported': record({
    event: oneOf('key-imported'),
    at,
    signerId: identifier,
    credentialId: identifier,
    /** Whose class it is of. */
    rosterVersion,
    attestationDigest: digest,
    packageDigest: digest,
    publicKeyDigest: digest,
  }),
  'certificate-linked': record({
    event: oneOf('certificate-linked'),
    at,
    credentialId: identifier,
    /** Whose trust anchors its chain leads to. */
    rosterVersion,
    certificateDigest: digest,
  }),
  /** No SAM uses the key from here on; its last copies go with the master key that wraps them. */
  'key-destroyed': record({
    event: oneOf('key-destroyed'),
    at,
    credentialId: identifier,
    reason: oneOf('requested', 'expired', 'one-time'),
  }),
  'credential-revoked': record({
    event: oneOf('credential-revoked'),
    at,
    credentialId: identifier,
    reason: text({ max: 64 }),
  }),
  /** Copies of these keys left the module, encrypted for custodians of whom several are needed. */
  'keys-backed-up': record({
    event: oneOf('keys-backed-up'),
    at,
    labels: list(identifier, { min: 1, max: 10 }),
    backupDigest: digest,
  }),
  /** The module's keys came back from backups: what was recorded after the leaf before may be lost. */
  'keys-restored': record({
    event: oneOf('keys-restored'),
    at,
    /** Digest of what the SAM found beside its heads. */
    restorationDigest: digest,
    /** Digests of the statements by which people approved it. */
    approvals: list(digest, { min: 1, max: 20 }),
  }),
  /** What is made from here on is under another master key, and what was made before is moved to it. */
  'master-key-rotation-begun': record({
    event: oneOf('master-key-rotation-begun'),
    at,
    /** Labels of both in the module. */
    master: identifier,
    replaces: identifier,
    /** Digests of the statements by which people approved it. */
    approvals: list(digest, { min: 1, max: 20 }),
  }),
  /** Nothing that may still be used is under the one before, which is destroyed now, with all that was left under it. */
  'master-key-rotated': record({
    event: oneOf('master-key-rotated'),
    at,
    master: identifier,
    replaces: identifier,
  }),
  'clock-parted': clockParted,
} as const

const activityLeaves = {
  /** The first leaf of each process: from here on no other one can write this log. */
  began: record({ event: oneOf('began'), at, bootId: identifier, stateSize }),
  'sad-accepted': record({
    event: oneOf('sad-accepted'),
    at,
    stateSize,
    sadId: identifier,
    signerId: identifier,
    credentialId: identifier,
    clientId: identifier,
    statementDigest: digest,
    /** Digest of the proof as it is kept, in its one spelling. */
    proofDigest: digest,
  }),
  /** Somebody gave PIN and code: before they were compared. */
  attempted: record({
    event: oneOf('attempted'),
    at,
    signerId: identifier,
    means: oneOf('pin-totp', 'pin-sent-code'),
  }),
  /** A code was made, and handed out to be sent to the signer. */
  'code-made': record({ event: oneOf('code-made'), at, signerId: identifier, credentialId: identifier }),
  /** Another bearer value stands for the SAD, until then. */
  'sad-extended': record({ event: oneOf('sad-extended'), at, sadId: identifier, expiresAt: until }),
  granted: record({
    event: oneOf('granted'),
    at,
    stateSize,
    activationId: identifier,
    sadId: identifier,
    credentialId: identifier,
    /** To the representations, in the order in which they were asked for: SHA-256 of `commitmentText`. */
    commitments: list(digest, { min: 1, max: 1000 }),
  }),
  completed: record({
    event: oneOf('completed'),
    at,
    activationId: identifier,
    /** Digests of the signature values, in the order of the commitments. */
    signatureDigests: list(digest, { min: 1, max: 1000 }),
  }),
  settled: record({
    event: oneOf('settled'),
    at,
    activationId: identifier,
    outcome: oneOf('unknown', 'failed'),
  }),
  /** The one use of a key without a SAD: it is about to sign its own certification request. */
  'certificate-requested': record({
    event: oneOf('certificate-requested'),
    at,
    stateSize,
    credentialId: identifier,
    /** Digest of the CertificationRequestInfo. */
    infoDigest: digest,
    /** Digests of the statements by which people approved it. */
    approvals: list(digest, { min: 1, max: 20 }),
  }),
  'request-approved': record({
    event: oneOf('request-approved'),
    at,
    stateSize,
    requestDigest: digest,
    personId: identifier,
    statementDigest: digest,
  }),
  /** So many leaves, from the first one on, are in the archive and no longer in the database. */
  archived: record({ event: oneOf('archived'), at, size: integer({ min: 1, max: 2 ** 50 }) }),
  'clock-parted': clockParted,
  refused: record({
    event: oneOf('refused'),
    at,
    operation: text({ max: 64 }),
    reason: text({ max: 64 }),
    credentialId: optional(identifier),
  }),
} as const

export const stateLeaf = variant('event', stateLeaves)
export const activityLeaf = variant('event', activityLeaves)
/** A leaf of either. */
export const leaf = variant('event', { ...stateLeaves, ...activityLeaves })

export type StateLeaf = Shaped<typeof stateLeaf>
export type ActivityLeaf = Shaped<typeof activityLeaf>
export type Leaf = Shaped<typeof leaf>
export type LeafEvent = Leaf['event']
