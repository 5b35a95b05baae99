/** The ways in which a signer can have approved, and what checks a proof of each. */
import type { KeptProof, KeptProofOf, ProofKind } from '@natsuin/protocol/approval'
import type { ApprovedWith } from '../../verdict.ts'
import { checkPasskeyProof } from './passkey.ts'
import { checkPinSentCodeProof } from './pin-sent-code.ts'
import { checkPinTotpProof } from './pin-totp.ts'
import type { ProvenStatement } from './proof.ts'
import { checkProviderProof } from './provider.ts'
import { checkBothProofs } from './provider-and-passkey.ts'
import { checkSealProof } from './seal-key.ts'

type Checks = {
  readonly [K in ProofKind]: (proof: KeptProofOf<K>, proven: ProvenStatement) => Promise<ApprovedWith>
}

const CHECKS: Checks = {
  passkey: checkPasskeyProof,
  provider: checkProviderProof,
  'provider-and-passkey': checkBothProofs,
  'seal-key': checkSealProof,
  'pin-totp': checkPinTotpProof,
  'pin-sent-code': checkPinSentCodeProof,
}

export function checkProof(proof: KeptProof, proven: ProvenStatement): Promise<ApprovedWith> {
  // Each check takes the proofs of the kind under which it stands.
  const check = CHECKS[proof.kind] as (proof: KeptProof, proven: ProvenStatement) => Promise<ApprovedWith>
  return check(proof, proven)
}
