/**
 * The SAM says that the signer gave his PIN and the code that was sent to him for this statement's ticket. Nobody else can
 * know, and whoever carried the code could have given it. That he had enrolled for it is shown.
 */
import type { KeptProofOf } from '@natsuin/protocol/approval'
import { type ApprovedWith, demanded } from '../../verdict.ts'
import type { ProvenStatement } from './proof.ts'

export async function checkPinSentCodeProof(
  _proof: KeptProofOf<'pin-sent-code'>,
  { signer }: ProvenStatement,
): Promise<ApprovedWith> {
  const { since } = demanded(
    signer.pinSentCode,
    'proof-refused',
    'no PIN and address for codes were enrolled',
  )
  return { kind: 'pin-sent-code', since }
}
