/** What a log-in at an identity provider comes to: the code that the page got there is redeemed, and what it stands for judged. */
import { nodePlatform } from '@natsuin/pki/node'
import { type GivenCode, PROVIDER_CALLBACK } from '@natsuin/protocol/approval'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { type IdToken, openIdToken } from '@natsuin/protocol/provider'
import { ShapeError } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** A token that one of the provider's keys signed. What it says is for `checkIdToken`. */
export interface LogIn {
  readonly idToken: string
  readonly claims: IdToken
}

/** @throws Refusal `provider-unavailable`, `code-refused`, `id-token-invalid` */
export async function redeemLogIn(
  { tokenEndpoints, roster }: Pick<Sam, 'tokenEndpoints' | 'roster'>,
  provider: IdentityProvider,
  code: GivenCode,
): Promise<LogIn> {
  const redirectUri = `${roster.approvalOrigin}${PROVIDER_CALLBACK}`
  const idToken = await tokenEndpoints.redeem(provider, code, redirectUri)
  const claims = await genuine(idToken, provider)
  if (claims === undefined) throw refuse('id-token-invalid')
  return { idToken, claims }
}

async function genuine(idToken: string, provider: IdentityProvider): Promise<IdToken | undefined> {
  try {
    return await openIdToken(idToken, provider, nodePlatform)
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}
