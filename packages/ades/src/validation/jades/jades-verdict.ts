/** What validation concludes about one JSON signature. */
import type { BaselineLevel } from '../../level.ts'
import type { SubIndication, TimeStampFacts } from '../verdict.ts'
import type { SignedThing } from './signed-thing.ts'

/** What was established about the signature, as far as the checks came. */
export interface JadesFacts {
  /** The JSON text of the signed header: commitments, roles, place and policy are in it, as the signer said them. */
  readonly protectedHeader?: string
  /** The signing time that the signer claims; proven by nobody. */
  readonly claimedSigningTime?: Date
  /** What the signature is over. */
  readonly signed?: SignedThing
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
  /** On the counter-signatures, each over this signature's value. */
  readonly counterSignatures?: readonly JadesVerdict[]
  /** TS 119 182-1 V1.2.1, 6.1, as far as it is proven. */
  readonly level?: BaselineLevel
}

/** What is known of every signature that passed. */
export type PassedJadesFacts = JadesFacts &
  Required<Pick<JadesFacts, 'signer' | 'signingCertificate' | 'trustAnchorSha256' | 'level' | 'signed'>>

/** Revocation is judged by what the signature brings: below level B-LT `TOTAL-PASSED` says nothing about it. */
export type JadesVerdict =
  | { readonly indication: 'TOTAL-PASSED'; readonly facts: PassedJadesFacts }
  | {
      readonly indication: 'TOTAL-FAILED' | 'INDETERMINATE'
      readonly subIndication: SubIndication
      readonly reason: string
      readonly facts: JadesFacts
    }
