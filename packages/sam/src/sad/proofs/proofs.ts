/** The ways to approve, and what opens a proof of each. */
import type { Proof, ProofKind, ProofOf } from '@natsuin/protocol/approval'
import { openPasskeyProof } from './passkey.ts'
import type { OpenedProof } from './proof.ts'

type Openers = { readonly [K in ProofKind]: (proof: ProofOf<K>, challenge: Uint8Array) => OpenedProof }

const OPENERS: Openers = { passkey: openPasskeyProof }

/** @param challenge SHA-256 of the statement's bytes @throws Refusal when it is not a proof for these bytes */
export function openProof(proof: Proof, challenge: Uint8Array): OpenedProof {
  // Each opener takes the proofs of the kind under which it stands.
  const open = OPENERS[proof.kind] as (proof: Proof, challenge: Uint8Array) => OpenedProof
  return open(proof, challenge)
}
