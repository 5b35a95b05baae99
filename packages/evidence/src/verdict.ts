/**
 * What a verifier of evidence learns: a value, never an exception.
 *
 * A reason names the first link of the chain that does not hold. Everything after it was not looked at.
 */
import type { ApprovalItem, ProofingRecord, SubjectAttributes } from '@natsuin/protocol/approval'
import type { Level } from '@natsuin/protocol/genesis'
import type { KeyAttestation } from '@natsuin/protocol/issuance'

export type EvidenceReason =
  | 'not-evidence'
  | 'sam-key-not-pinned'
  | 'checkpoint-not-genuine'
  | 'leaf-not-included'
  | 'leaf-of-other-kind'
  | 'leaves-out-of-order'
  | 'log-of-another'
  | 'not-witnessed'
  | 'roster-not-founded'
  | 'roster-missing'
  | 'amendment-invalid'
  | 'ticket-not-genuine'
  | 'statement-invalid'
  | 'assertion-invalid'
  | 'user-not-verified'
  | 'seal-invalid'
  | 'log-in-invalid'
  | 'wrong-origin'
  | 'officer-not-in-roster'
  | 'officers-too-few'
  | 'grants-differ'
  | 'proofing-insufficient'
  | 'enrolment-not-by-grant-holder'
  | 'registration-invalid'
  | 'addition-for-another'
  | 'attestation-not-genuine'
  | 'attestation-for-another'
  | 'origin-differs'
  | 'certificate-not-for-key'
  | 'certificate-not-trusted'
  | 'approval-for-another'
  | 'proof-refused'
  | 'basis-refused'
  | 'hash-type-refused'
  | 'request-not-genuine'
  | 'request-differs'
  | 'digest-not-approved'
  | 'activation-for-another'
  | 'representation-refused'
  | 'representation-differs'
  | 'signature-not-recorded'
  | 'signature-invalid'
  | 'document-differs'

/**
 * How what the key signed comes of what the signer approved: it is that; it follows from the approved digest of a document and
 * the certificate, as everybody can see; or `server` prepared it, and only its word says that it is of that document.
 */
export type Connection = 'approved' | 'derived' | 'prepared'

/** With what the signer approved. */
export type ApprovedWith =
  | ApprovedWithPasskey
  | ApprovedWithProvider
  | ApprovedWithBoth
  | ApprovedWithSealKey
  | ApprovedWithPinTotp
  | ApprovedWithPinSentCode

export interface ApprovedWithPasskey {
  readonly kind: 'passkey'
  /** WebAuthn credential id. */
  readonly credentialId: Uint8Array
  readonly origin: 'enrolled' | 'added'
  /** Since when it was the signer's, by the SAM's clock. */
  readonly since: Date
}

/** An identity provider vouched for him: it says that he logged in to approve this, and nothing but its word shows it. */
export interface ApprovedWithProvider {
  readonly kind: 'provider'
  readonly logIn: ProviderLogIn
}

/** A provider's word and a passkey of his own: neither is enough. */
export interface ApprovedWithBoth {
  readonly kind: 'provider-and-passkey'
  readonly passkey: ApprovedWithPasskey
  readonly logIn: ProviderLogIn
}

export interface ProviderLogIn {
  /** As the people of the roster named it. */
  readonly provider: string
  readonly issuer: string
  /** Who he is there. */
  readonly subject: string
  /** By the provider's clock. */
  readonly at: Date
  /** What it calls the strength of the log-in. */
  readonly acr: string | undefined
  /** Since when the account was the signer's, by the SAM's clock. */
  readonly since: Date
}

/** Software with a key of the organisation's own, and nobody present. */
export interface ApprovedWithSealKey {
  readonly kind: 'seal-key'
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** Since when it was the organisation's, by the SAM's clock. */
  readonly since: Date
}

/** PIN and a code of an authenticator app: the SAM says that they were right, and nobody else can know. */
export interface ApprovedWithPinTotp {
  readonly kind: 'pin-totp'
  /** The beginning of the thirty seconds that the code is of. */
  readonly codeAt: Date
  /** Since when they were the signer's, by the SAM's clock. */
  readonly since: Date
}

/** PIN and a code that was sent to him: the SAM says that they were right; whoever carried the code knew it too. */
export interface ApprovedWithPinSentCode {
  readonly kind: 'pin-sent-code'
  /** Since when they were the signer's, by the SAM's clock. */
  readonly since: Date
}

/** A witness, and when it cosigned the first of the two heads. */
export interface Witnessed {
  readonly name: string
  readonly at: Date
}

/** Facts that the evidence proves, given the pinned SAM key. */
export interface EvidenceFacts {
  readonly deployment: string
  readonly environment: 'production' | 'test'
  readonly level: Level
  readonly softwareModule: boolean
  readonly signerId: string
  readonly subject: SubjectAttributes
  /** Who vouched for the person. */
  readonly officers: readonly string[]
  /** How they knew who the person is. */
  readonly proofing: ProofingRecord
  readonly credentialId: string
  /** Whether the module made the key, or took it in from elsewhere, where copies of it may be. */
  readonly keyOrigin: KeyAttestation['origin']
  /** DER certificate of the signer. */
  readonly certificate: Uint8Array
  /** The application, as the signer was shown it. */
  readonly client: string
  readonly approved: ApprovalItem
  readonly connection: Connection
  /** Names the key with which the application signed for all that was approved; `undefined` if it did not. */
  readonly clientKey: string | undefined
  readonly approvedWith: ApprovedWith
  /** By the SAM's clock. */
  readonly approvedAt: Date
  readonly signedAt: Date
  /** Where the logs stood: their names and how many records they held. */
  readonly logs: { readonly [L in 'state' | 'activity']: { readonly origin: string; readonly size: number } }
  /** Of the witnesses whom the verifier named, those who cosigned both logs. Without any, a second history cannot be excluded. */
  readonly witnesses: readonly Witnessed[]
  /** Whether the signature in the document was compared with the one in the evidence. */
  readonly documentCompared: boolean
}

export type EvidenceVerdict =
  | { readonly valid: true; readonly facts: EvidenceFacts }
  | { readonly valid: false; readonly reason: EvidenceReason; readonly detail: string }

/** Leaves a check that found a broken link; `verifyEvidence` turns it into a verdict. */
export class BrokenLink extends Error {
  readonly reason: EvidenceReason

  constructor(reason: EvidenceReason, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** Goes on only when the link holds. */
export function demand(holds: boolean, reason: EvidenceReason, detail: string): asserts holds {
  if (!holds) throw new BrokenLink(reason, detail)
}

/** The value, when there is one. */
export function demanded<T>(value: T | undefined, reason: EvidenceReason, detail: string): T {
  if (value === undefined) throw new BrokenLink(reason, detail)
  return value
}
