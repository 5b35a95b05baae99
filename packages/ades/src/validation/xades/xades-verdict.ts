/** What validation concludes about one XML signature. */
import type { BaselineLevel } from '../../level.ts'
import type { SubIndication, TimeStampFacts } from '../verdict.ts'
import type { SignedContent } from './check-references.ts'

/** What was established about the signature, as far as the checks came. */
export interface XadesFacts {
  readonly signatureId?: string
  /** What the signature is over, exactly as it was verified; nothing else in the document is vouched for. */
  readonly contents?: readonly SignedContent[]
  /** The signing time that the signer claims; proven by nobody. */
  readonly claimedSigningTime?: Date
  /** Distinguished name of the signer, RFC 4514. */
  readonly signer?: string
  /** DER. */
  readonly signingCertificate?: Uint8Array
  /** Lower-case hexadecimal SHA-256 of the trust anchor the chain ends in. */
  readonly trustAnchorSha256?: string
  /** The time-stamp over the signature value that holds. */
  readonly timeStamp?: TimeStampFacts
  /** Why one that is there does not count. */
  readonly timeStampProblem?: string
  /** The archive time-stamps that hold, the oldest first. */
  readonly archiveTimeStamps?: readonly TimeStampFacts[]
  /** Why archive time-stamps that are there do not count. */
  readonly archiveTimeStampProblems?: readonly string[]
  /** What the validation data lack for B-LT, where there are any. */
  readonly revocationProblem?: string
  /** On the counter-signatures, each over this signature's value. They say nothing about this one, nor it about them. */
  readonly counterSignatures?: readonly XadesVerdict[]
  /** EN 319 132-1 V1.3.1, 6.1, as far as it is proven. */
  readonly level?: BaselineLevel
}

/** What is known of every signature that passed. */
export type PassedXadesFacts = XadesFacts &
  Required<
    Pick<
      XadesFacts,
      'signatureId' | 'contents' | 'signer' | 'signingCertificate' | 'trustAnchorSha256' | 'level'
    >
  >

/** Revocation is judged by what the signature brings: below level B-LT `TOTAL-PASSED` says nothing about it. */
export type XadesVerdict =
  | { readonly indication: 'TOTAL-PASSED'; readonly facts: PassedXadesFacts }
  | {
      readonly indication: 'TOTAL-FAILED' | 'INDETERMINATE'
      readonly subIndication: SubIndication
      readonly reason: string
      readonly facts: XadesFacts
    }
