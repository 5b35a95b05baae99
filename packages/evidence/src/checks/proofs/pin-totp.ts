/**
 * The SAM says that the signer gave his PIN and a code of his authenticator app. Nobody else can know: neither is
 * here, and neither is a signature. That he had enrolled both is shown.
 */
import type { KeptProofOf } from '@natsuin/protocol/approval'
import { type ApprovedWith, demanded } from '../../verdict.ts'
import type { ProvenStatement } from './proof.ts'

const STEP_MILLISECONDS = 30_000

export async function checkPinTotpProof(
  { step }: KeptProofOf<'pin-totp'>,
  { signer }: ProvenStatement,
): Promise<ApprovedWith> {
  const { since } = demanded(signer.pinTotp, 'proof-refused', 'no PIN and code were enrolled')
  return { kind: 'pin-totp', codeAt: new Date(step * STEP_MILLISECONDS), since }
}
