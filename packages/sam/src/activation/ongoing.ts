/** A request that has been granted and has no outcome yet: whoever asks the same again joins it. */
import type { SapResponse } from '@natsuin/protocol/sap'

export interface Ongoing {
  readonly requestDigest: Uint8Array
  readonly response: Promise<SapResponse<'sign'>>
}

/** What becomes of a reservation without signature values: it was not signed, or nobody knows. */
export type Settled = 'failed' | 'unknown'
