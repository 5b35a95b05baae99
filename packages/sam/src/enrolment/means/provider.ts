/**
 * An account at the provider of the class: its owner logged in there for the enrolment statement, as he will to approve
 * (sole-control 7). The link is issuer and subject, and nothing else that the provider may say of him.
 */
import { digestSync } from '@natsuin/pki/node'
import type { EnrolTicket, GivenCode, ProviderAccount } from '@natsuin/protocol/approval'
import { checkIdToken } from '../../providers/check-id-token.ts'
import { redeemLogIn } from '../../providers/log-in.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'

export interface LinkedAccount {
  readonly account: ProviderAccount
  /** What the provider said. */
  readonly idToken: string
}

/** @throws Refusal `provider-unknown` and those of `redeemLogIn` and `checkIdToken` */
export async function checkNewAccount(
  sam: Sam,
  statement: Uint8Array,
  code: GivenCode,
  { provider, level, issuedAt }: EnrolTicket,
): Promise<LinkedAccount> {
  if (provider === undefined) throw refuse('provider-unknown')
  sam.rosters.checkProvider(provider)
  const { idToken, claims } = await redeemLogIn(sam, provider, code)
  const challenge = digestSync('sha256', statement)
  checkIdToken(claims, { provider, challenge, level, issuedAt, now: sam.time.seconds() })
  return { idToken, account: { providerId: provider.id, issuer: claims.iss, subject: claims.sub } }
}
