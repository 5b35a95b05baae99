/** The signer logged in at his identity provider to approve exactly these bytes (sole-control 7). */
import type { IdentityProvider, KeptProofOf, ProofOf } from '@natsuin/protocol/approval'
import { checkIdToken } from '../../providers/check-id-token.ts'
import { type LogIn, redeemLogIn } from '../../providers/log-in.ts'
import type { VouchedBy } from '../../providers/log-outs.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import type { SignerRecord } from '../../store/record-shapes.ts'
import type { Approving, LoadedProof, OpenedProof } from './proof.ts'

export interface LoadedProviderProof extends LoadedProof {
  readonly kept: KeptProofOf<'provider'>
  readonly vouchedBy: VouchedBy
}

export interface OpenedProviderProof extends OpenedProof {
  load(sam: Sam, approving: Approving): Promise<LoadedProviderProof>
}

/** Whether the log-in was for these bytes, only the provider can say: nothing is known before it is asked. */
export function openProviderProof({ logIn: code }: Pick<ProofOf<'provider'>, 'logIn'>): OpenedProviderProof {
  // A code is good for one question, and this is judged again when another SAM wrote meanwhile.
  let redeemed: Promise<LogIn> | undefined
  return {
    async load(sam, approving) {
      const known = accountOf(sam, approving)
      redeemed ??= redeemLogIn(sam, known.provider, code)
      return loaded(sam, approving, known, await redeemed)
    },
  }
}

interface Known {
  /** As the signer was told of it. */
  readonly provider: IdentityProvider
  readonly account: NonNullable<SignerRecord['account']>
}

/** Everything that can be wrong before anybody is asked. @throws Refusal `proof-refused`, `provider-unknown` */
function accountOf({ rosters }: Sam, { signer: { account }, ticket: { provider } }: Approving): Known {
  if (account === undefined || provider?.id !== account.providerId) throw refuse('proof-refused')
  rosters.checkProvider(provider)
  return { provider, account }
}

function loaded(
  sam: Sam,
  { ticket, challenge, credential }: Approving,
  { provider, account }: Known,
  { idToken, claims }: LogIn,
): LoadedProviderProof {
  const vouchedBy = { account, loggedInAt: claims.auth_time ?? 0 }
  return {
    kept: { kind: 'provider', idToken },
    approvedBy: undefined,
    vouchedBy,
    check() {
      sam.rosters.checkProvider(provider)
      const { level } = credential
      checkIdToken(claims, { provider, challenge, level, issuedAt: ticket.issuedAt, now: sam.time.seconds() })
      if (claims.iss !== account.issuer || claims.sub !== account.subject) throw refuse('account-differs')
      if (sam.logOuts.isOver(vouchedBy)) throw refuse('log-in-ended')
    },
    // The ticket in the bytes is spent: that is what makes a log-in good for one approval.
    take: () => [],
    forget: () => {},
  }
}
