/** Both: a provider vouches for the signer, and one of his authenticators answers, for the same bytes (sole-control 7). */
import type { ProofOf } from '@natsuin/protocol/approval'
import { openPasskeyProof } from './passkey.ts'
import type { Approved, OpenedProof } from './proof.ts'
import { openProviderProof } from './provider.ts'

/** @throws Refusal those of `openPasskeyProof` */
export function openBothProofs(
  { assertion, logIn }: ProofOf<'provider-and-passkey'>,
  approved: Approved,
): OpenedProof {
  const passkey = openPasskeyProof({ kind: 'passkey', assertion }, approved)
  const provider = openProviderProof({ logIn })
  return {
    async load(sam, approving) {
      const answered = await passkey.load(sam, approving)
      // Before the provider is asked: without the passkey its word is worth nothing here.
      answered.check()
      const { kept, vouchedBy, check } = await provider.load(sam, approving)
      return {
        ...answered,
        kept: { kind: 'provider-and-passkey', assertion, idToken: kept.idToken },
        vouchedBy,
        check() {
          answered.check()
          check()
        },
      }
    },
  }
}
