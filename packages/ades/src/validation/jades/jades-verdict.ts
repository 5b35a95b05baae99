/** What validation concludes about one JSON signature. */
import type { CommonFacts, KnownWhenPassed, VerdictOn } from '../verdict.ts'
import type { SignedThing } from './signed-thing.ts'

/** What was established about the signature, as far as the checks came. */
export interface JadesFacts extends CommonFacts {
  /** The JSON text of the signed header: commitments, roles, place and policy are in it, as the signer said them. */
  readonly protectedHeader?: string
  /** What the signature is over. */
  readonly signed?: SignedThing
  /** On the counter-signatures, each over this signature's value. */
  readonly counterSignatures?: readonly JadesVerdict[]
}

/** What is known of every signature that passed. */
export type PassedJadesFacts = JadesFacts & Required<Pick<JadesFacts, KnownWhenPassed | 'signed'>>

export type JadesVerdict = VerdictOn<JadesFacts, PassedJadesFacts>
