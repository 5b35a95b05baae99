/**
 * What the SAM seals, kind by kind.
 *
 * One record per signer with all his authenticators and one per credential with its key, so that nothing can be
 * mixed and matched (sole-control 2). Records that only evidence needs are apart from those read on every approval.
 */
import {
  approvalKinds,
  assertion,
  authenticatorId,
  authenticatorLabel,
  digestName,
  enrolmentGrant,
  identifier,
  idTokenText,
  itemBases,
  keptProof,
  keyTypeName,
  mailAddress,
  means,
  providerAccount,
  signatureName,
  subjectAttributes,
  visibleText,
} from '@natsuin/protocol/approval'
import { madeRepresentation } from '@natsuin/protocol/evidence'
import { keyOrigin, roster } from '@natsuin/protocol/genesis'
import { MAX_IMPORT_PACKAGE_BYTES, sharedBackup } from '@natsuin/protocol/keys'
import {
  base64url,
  flag,
  integer,
  list,
  oneOf,
  optional,
  record,
  type Shaped,
  text,
} from '@natsuin/protocol/shape'

const level = oneOf(1, 2, 3)
const leafIndex = integer({ min: 0, max: 2 ** 50 })
const seconds = integer({ min: 0, max: 2 ** 40 })
const milliseconds = integer({ min: -(2 ** 50), max: 2 ** 50 })
const digest = base64url({ min: 32, max: 32 })
const statement = base64url({ max: 8_000_000 })
const approved = record({ statement, assertion })

/** A passkey: what it showed of itself when it was registered, and since when it is the signer's. */
export const authenticator = record({
  credentialId: base64url({ max: 1023 }),
  /** DER SubjectPublicKeyInfo. */
  publicKey: base64url({ max: 1200 }),
  algorithm: signatureName,
  /** Signature counter at registration. */
  counter: integer({ min: 0, max: 2 ** 32 - 1 }),
  backupEligible: flag,
  /** WebAuthn Level 3, 6.5.1: its model, if it says which. */
  aaguid: base64url({ min: 16, max: 16 }),
  /** What the signer calls it. */
  label: optional(authenticatorLabel),
  registeredAt: seconds,
  /** The one that approved its addition; absent for the one that was enrolled. */
  approvedBy: optional(authenticatorId),
})

/** DER SubjectPublicKeyInfo (P-256). */
const sealKey = base64url({ max: 200 })

/** A signer's key as it is kept outside the module. */
const keptKey = record({
  /** Label of the master key that it is under. */
  master: identifier,
  /** PKCS#8 under that key (RFC 5649). */
  wrapped: base64url({ max: 4096 }),
})

/** The PIN only as what the module makes of it. */
const pinVerifier = {
  salt: base64url({ min: 16, max: 16 }),
  verifier: base64url({ min: 32, max: 32 }),
}

const pinTotp = record({
  ...pinVerifier,
  /** As the app has it, because codes are made of it. */
  secret: base64url({ min: 20, max: 20 }),
})

/** The address is known here alone, so that nobody in between has codes sent elsewhere. */
const pinSentCode = record({ ...pinVerifier, address: mailAddress })

export const recordShapes = {
  /** One for each version; the id is the version. */
  roster,
  /** Who approved a version of the roster, beyond the first; the id is the version. */
  amendment: record({ approvals: list(approved, { min: 1, max: 20 }), leaf: leafIndex }),
  /** Written once per accepted grant, and once more when somebody enrols with it. */
  grant: record({
    grant: enrolmentGrant,
    level,
    approvals: list(approved, { min: 1, max: 10 }),
    /** In which a key from elsewhere waits for its owner; gone with the grant. */
    importPackage: optional(base64url({ max: MAX_IMPORT_PACKAGE_BYTES })),
    leaf: leafIndex,
    /** Whom it became. */
    spent: optional(record({ signerId: identifier, credentialId: identifier, registrationDigest: digest })),
  }),
  signer: record({
    grantId: identifier,
    name: visibleText(255),
    subject: subjectAttributes,
    /** The class that he was enrolled for, and its level then: what an authenticator of his must hold. */
    credentialClass: identifier,
    level,
    /** Those that were removed are in the state log, and stay here until another one is added. */
    authenticators: list(authenticator, { max: 20 }),
    /** With which software of his approves, nobody present. */
    sealKey: optional(sealKey),
    /** What PIN and code are compared with. */
    pinTotp: optional(pinTotp),
    /** With what the PIN is compared, and where codes go. */
    pinSentCode: optional(pinSentCode),
    /** Who he is at the provider that vouches for him. */
    account: optional(providerAccount),
  }),
  /** Who approved a rotation of the master key; the id is the label of the new one. */
  rotation: record({
    approvals: list(approved, { min: 1, max: 20 }),
    leaf: leafIndex,
    /** Of the new one, where people asked for one. */
    backup: optional(sharedBackup),
  }),
  /** Who agreed that a SAM acts again whose keys were restored; the id is the digest of the mark. */
  restoration: record({ approvals: list(approved, { min: 1, max: 20 }), leaf: leafIndex }),
  /** Who had a key sign its certification request; the id is that of the credential. */
  certification: record({
    approvals: list(approved, { min: 1, max: 20 }),
    /** The SAM in whose activity log the leaf is. */
    instance: identifier,
    leaf: leafIndex,
  }),
  /** How a signer came to be; for evidence. */
  enrolment: record({
    statement,
    means,
    enrolmentSignature: base64url({ max: 200 }),
    idToken: optional(idTokenText),
    leaf: leafIndex,
  }),
  credential: record({
    signerId: identifier,
    grantId: identifier,
    label: visibleText(255),
    credentialClass: identifier,
    // What follows of the class is as it was when the key was made.
    level,
    keyType: keyTypeName,
    maxSignatures: integer({ min: 1, max: 1000 }),
    ticketSeconds: integer({ min: 10, max: 3600 }),
    sadSeconds: integer({ min: 10, max: 3600 }),
    approvals: approvalKinds,
    bases: itemBases,
    restHours: optional(integer({ min: 1, max: 168 })),
    keys: keyOrigin,
    /** DER SubjectPublicKeyInfo. */
    publicKey: base64url({ max: 1200 }),
    /** Absent once it is destroyed, and always of a key for one session. */
    key: optional(keptKey),
    attestation: text({ max: 16384 }),
    generatedLeaf: leafIndex,
    /** By which an authority outside certifies it: PKCS #10, DER; once people had it made. */
    certificationRequest: optional(base64url({ max: 8192 })),
    /** Once linked. That a credential was revoked is in the state log alone, where nothing can take it back. */
    certificate: optional(
      record({
        /** DER, end entity first. */
        chain: list(base64url({ max: 16384 }), { min: 2, max: 10 }),
        notBefore: milliseconds,
        notAfter: milliseconds,
        leaf: leafIndex,
      }),
    ),
  }),
  /** How an authenticator was added; for evidence. The id is that of the authenticator. */
  addition: record({
    signerId: identifier,
    statement: base64url({ max: 65_536 }),
    assertion,
    approvedBy: authenticatorId,
    leaf: leafIndex,
  }),
  /** Exists for every WebAuthn credential id that was ever registered; the id is its SHA-256. */
  authenticator: record({ signerId: identifier }),
  /** Newest signature counter of an authenticator that counts; the id is the SHA-256 of its WebAuthn credential id. */
  counter: record({
    value: integer({ min: 0, max: 2 ** 32 - 1 }),
    /** When it was taken over, by the SAM's clock. */
    at: seconds,
  }),
  /** How often somebody tried PIN and code of a signer, whose id it has. */
  tried: record({
    guesses: integer({ min: 0, max: 100 }),
    guessesToday: integer({ min: 0, max: 100 }),
    dayFrom: seconds,
    lastAt: seconds,
    lastStep: seconds,
  }),
  /** What a SAD stands on; for evidence. */
  approval: record({
    statement,
    proof: keptProof,
    signerId: identifier,
    credentialId: identifier,
    /** The SAM in whose activity log the leaves are, of this and of its activations. */
    instance: identifier,
    leaf: leafIndex,
  }),
  /** How much of a SAD is used. */
  sad: record({
    /** SHA-256 of the bearer value. */
    digest,
    credentialId: identifier,
    clientId: identifier,
    digestAlgorithm: digestName,
    numSignatures: integer({ min: 1, max: 1000 }),
    used: integer({ min: 0, max: 1000 }),
    expiresAt: seconds,
  }),
  /** A reservation, and what became of it. */
  activation: record({
    sadId: identifier,
    credentialId: identifier,
    /** Digest of what was asked for: a retry must ask for the same. */
    requestDigest: digest,
    /** Until when a retry gets the stored values. */
    retryUntil: seconds,
    grantedLeaf: leafIndex,
    outcome: oneOf('granted', 'completed', 'failed', 'unknown'),
    completedLeaf: optional(leafIndex),
    signatures: list(base64url({ max: 1024 }), { max: 1000 }),
    /** Of documents: what was made of the approved digests, by the place in the activation. */
    made: optional(
      list(
        record({
          index: integer({ min: 0, max: 999 }),
          dtbsr: base64url({ min: 32, max: 64 }),
          made: madeRepresentation,
        }),
        { min: 1, max: 1000 },
      ),
    ),
  }),
} as const

export type RecordKind = keyof typeof recordShapes
export type RecordOf<K extends RecordKind> = Shaped<(typeof recordShapes)[K]>
export type Authenticator = Shaped<typeof authenticator>
export type KeptKey = Shaped<typeof keptKey>
export type CredentialRecord = RecordOf<'credential'>
export type SignerRecord = RecordOf<'signer'>
export type GrantRecord = RecordOf<'grant'>
