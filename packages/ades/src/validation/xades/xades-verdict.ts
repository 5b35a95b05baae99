/** What validation concludes about one XML signature. */
import type { CommonFacts, KnownWhenPassed, VerdictOn } from '../verdict.ts'
import type { SignedContent } from './check-references.ts'

/** What was established about the signature, as far as the checks came. */
export interface XadesFacts extends CommonFacts {
  readonly signatureId?: string
  /** What the signature is over, exactly as it was verified; nothing else in the document is vouched for. */
  readonly contents?: readonly SignedContent[]
  /** The signed properties in canonical XML: roles, place, commitments and policy, as the signer said them. */
  readonly signedProperties?: string
  /** On the counter-signatures, each over this signature's value. They say nothing about this one, nor it about them. */
  readonly counterSignatures?: readonly XadesVerdict[]
}

/** What is known of every signature that passed. */
export type PassedXadesFacts = XadesFacts &
  Required<Pick<XadesFacts, KnownWhenPassed | 'signatureId' | 'contents' | 'signedProperties'>>

export type XadesVerdict = VerdictOn<XadesFacts, PassedXadesFacts>
