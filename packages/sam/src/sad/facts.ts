/** What the checks of this folder look at. A check takes the facts, and throws a refusal or does nothing. */
import type { RequestObject } from '@natsuin/protocol/request'
import type { SapRequest } from '@natsuin/protocol/sap'
import type { Sam } from '../sam.ts'
import type { ActiveSad } from './active-sad.ts'
import type { Approving, LoadedProof } from './proofs/proof.ts'

/** An approval that may become a SAD. */
export interface ApprovalFacts extends Approving {
  readonly sam: Pick<Sam, 'state' | 'time' | 'roster' | 'requests' | 'oneTimeKeys'>
  readonly proof: LoadedProof
  /** What the application signed, if the statement carries it: genuine, and addressed to us. */
  readonly signedRequest: RequestObject | undefined
}

/** A request to go on with a SAD. */
export interface ExtensionFacts {
  readonly sam: Pick<
    Sam,
    'state' | 'time' | 'roster' | 'rosters' | 'oneTimeKeys' | 'logOuts' | 'quarantine' | 'module'
  >
  readonly sad: ActiveSad
  readonly request: Pick<SapRequest<'sads/extend'>, 'credentialId' | 'clientId' | 'dtbsrs'>
}

/** A request to sign with a SAD. */
export interface UseFacts extends ExtensionFacts {
  readonly request: SapRequest<'sign'>
}

export type ApprovalCheck = (facts: ApprovalFacts) => void
/** One that holds for a use as well. */
export type ExtensionCheck = (facts: ExtensionFacts) => void
export type UseCheck = (facts: UseFacts) => void
