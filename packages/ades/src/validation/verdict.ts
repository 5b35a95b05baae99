/**
 * What validation concludes: indications and sub-indications of EN 319 102-1 V1.4.1, 5.1.3, spelled as there.
 *
 * A bad signature is a value, not an exception. `reason` is ours: which check failed, for people and tests.
 */

import type { SignerClaims } from '@natsuin/pki/cms'
import type { BaselineLevel } from '../level.ts'

/** Sub-indications that this verifier gives, each with the indication it belongs to. */
export const INDICATIONS = {
  FORMAT_FAILURE: 'TOTAL-FAILED',
  HASH_FAILURE: 'TOTAL-FAILED',
  SIG_CRYPTO_FAILURE: 'TOTAL-FAILED',
  SIG_CONSTRAINTS_FAILURE: 'INDETERMINATE',
  CHAIN_CONSTRAINTS_FAILURE: 'INDETERMINATE',
  CRYPTO_CONSTRAINTS_FAILURE: 'INDETERMINATE',
  NO_SIGNING_CERTIFICATE_FOUND: 'INDETERMINATE',
  NO_CERTIFICATE_CHAIN_FOUND: 'INDETERMINATE',
  CERTIFICATE_CHAIN_GENERAL_FAILURE: 'INDETERMINATE',
  OUT_OF_BOUNDS_NO_POE: 'INDETERMINATE',
  REVOKED_NO_POE: 'INDETERMINATE',
  NO_POE: 'INDETERMINATE',
  SIGNED_DATA_NOT_FOUND: 'INDETERMINATE',
  GENERIC: 'INDETERMINATE',
} as const

export type SubIndication = keyof typeof INDICATIONS

export interface TimeStampFacts {
  readonly generatedAt: Date
  readonly authority: string
  /** Lower-case hexadecimal SHA-256 of the time-stamping certificate. */
  readonly certificateSha256: string
}

/** What is established about a signature of any format, as far as the checks came. */
export interface CommonFacts {
  /** Distinguished name of the signer, RFC 4514. */
  readonly signer?: string
  /** DER. */
  readonly signingCertificate?: Uint8Array
  /** Lower-case hexadecimal SHA-256 of the trust anchor the chain ends in. */
  readonly trustAnchorSha256?: string
  /** The signing time that the signer claims; proven by nobody. */
  readonly claimedSigningTime?: Date
  /** The time-stamp over the signature value that holds; absent when there is none or it does not. */
  readonly timeStamp?: TimeStampFacts
  /** Why a time-stamp that is there does not count. */
  readonly timeStampProblem?: string
  /** The archive time-stamps that hold, the oldest first. */
  readonly archiveTimeStamps?: readonly TimeStampFacts[]
  /** Why archive time-stamps that are there do not count. */
  readonly archiveTimeStampProblems?: readonly string[]
  /** What the validation data lack for B-LT, where there are any. */
  readonly revocationProblem?: string
  /**
   * As far as it is proven (EN 319 142-1 V1.2.1, 6.1, and in the other formats): B-T with a time, B-LT when the signature
   * shows that nothing it depends on was revoked, B-LTA when an archive or document time-stamp protects that; else B-B.
   */
  readonly level?: BaselineLevel
}

/** What was established about a signature in CMS, in a PDF or by itself. */
export interface SignatureFacts extends CommonFacts {
  /** DER SET OF Attribute, tag 0x31: what was hashed into the DTBS/R. */
  readonly signedAttributes?: Uint8Array
  /** RSA octets or DER ECDSA-Sig-Value. */
  readonly signatureValue?: Uint8Array
  /** What else the signer says of a CAdES signature; proven by nobody. */
  readonly claims?: SignerClaims
  /** The document time-stamps that hold, the oldest first. */
  readonly documentTimeStamps?: readonly TimeStampFacts[]
  /** Why document time-stamps that are there do not count. */
  readonly documentTimeStampProblems?: readonly string[]
  /** On the counter-signatures of a CAdES signature, each over its value. */
  readonly counterSignatures?: readonly Verdict[]
}

/** What is known of every signature that passed. */
export type PassedFacts = SignatureFacts & Required<Pick<SignatureFacts, KnownWhenPassed>>

/** The facts that every signature which passed has, whatever its format. */
export type KnownWhenPassed = 'signer' | 'signingCertificate' | 'trustAnchorSha256' | 'level'

/** Revocation is checked with what the signature brings: below level B-LT `TOTAL-PASSED` says nothing about it. */
export type VerdictOn<Facts, Passed extends Facts> =
  | { readonly indication: 'TOTAL-PASSED'; readonly facts: Passed }
  | {
      readonly indication: 'TOTAL-FAILED' | 'INDETERMINATE'
      readonly subIndication: SubIndication
      readonly reason: string
      readonly facts: Facts
    }

export type Verdict = VerdictOn<SignatureFacts, PassedFacts>

/** Ends a validation; caught where the verdict is made, so checks read as a list. */
export class ValidationEnded extends Error {
  readonly subIndication: SubIndication
  readonly reason: string

  constructor(subIndication: SubIndication, reason: string) {
    super(`${subIndication}: ${reason}`)
    this.subIndication = subIndication
    this.reason = reason
  }
}
