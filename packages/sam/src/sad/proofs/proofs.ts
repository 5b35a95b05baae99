/** The ways to approve, and what opens a proof of each. */
import type { Proof, ProofKind, ProofOf } from '@natsuin/protocol/approval'
import { openPasskeyProof } from './passkey.ts'
import { openPinSentCodeProof } from './pin-sent-code.ts'
import { openPinTotpProof } from './pin-totp.ts'
import type { Approved, OpenedProof } from './proof.ts'
import { openProviderProof } from './provider.ts'
import { openBothProofs } from './provider-and-passkey.ts'
import { openSealProof } from './seal-key.ts'

type Openers = { readonly [K in ProofKind]: (proof: ProofOf<K>, approved: Approved) => OpenedProof }

const OPENERS: Openers = {
  passkey: openPasskeyProof,
  provider: openProviderProof,
  'provider-and-passkey': openBothProofs,
  'seal-key': openSealProof,
  'pin-totp': openPinTotpProof,
  'pin-sent-code': openPinSentCodeProof,
}

/** @throws Refusal when it is not a proof for these bytes */
export function openProof(proof: Proof, approved: Approved): OpenedProof {
  // Each opener takes the proofs of the kind under which it stands.
  const open = OPENERS[proof.kind] as (proof: Proof, approved: Approved) => OpenedProof
  return open(proof, approved)
}
