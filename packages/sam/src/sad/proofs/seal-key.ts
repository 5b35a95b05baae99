/** Software sealed exactly these bytes with the key that was enrolled for it (sole-control 7): nobody was present. */
import { type ProofOf, sealSignature } from '@natsuin/protocol/approval'
import { checkSeal } from '../../enrolment/means/seal-key.ts'
import { refuse } from '../../refuse.ts'
import type { Approved, OpenedProof } from './proof.ts'

/** @throws Refusal `malformed` */
export function openSealProof(proof: ProofOf<'seal-key'>, { bytes }: Approved): OpenedProof {
  const signature = sealSignature(proof.seal)
  return {
    async load(_sam, { signer: { sealKey } }) {
      return {
        kept: proof,
        approvedBy: undefined,
        check() {
          if (sealKey === undefined) throw refuse('seal-invalid')
          checkSeal(sealKey, bytes, signature)
        },
        // The ticket in the bytes is spent: that is what makes a seal good for one approval.
        take: () => [],
        forget: () => {},
      }
    },
  }
}
