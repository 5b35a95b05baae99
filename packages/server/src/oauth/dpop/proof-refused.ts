/** Why a proof is none for this request. */
import { Refusal } from '@natsuin/protocol/refusal'

/** `proof-nonce`: it lacks a nonce of ours that is still good, and one is sent along (RFC 9449, 8 and 9). */
export type ProofRefusal = 'proof-invalid' | 'proof-nonce'

export class ProofRefused extends Refusal<ProofRefusal> {
  constructor(code: ProofRefusal, options?: ErrorOptions) {
    super(code, {}, options)
  }
}
