/**
 * `providers/log-out` — an identity provider says that somebody logged out there: what he approved with that log-in and
 * was not yet signed is over (OpenID Connect Back-Channel Logout 1.0, 2.6; threats T-IDP-10).
 *
 * `server` carries the token. It may withhold it, and it may bring one twice: that ends nothing that began since.
 */
import { nodePlatform } from '@natsuin/pki/node'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { type LogoutToken, openLogoutToken, peekLogoutToken } from '@natsuin/protocol/provider'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** How far the provider's clock may be ahead, as for log-ins. */
const AHEAD_SECONDS = 60

/** @throws Refusal `provider-unknown`, `logout-token-invalid` @throws ShapeError */
export async function logOut(
  sam: Sam,
  { logoutToken }: SapRequest<'providers/log-out'>,
): Promise<SapResponse<'providers/log-out'>> {
  const { iss } = peekLogoutToken(logoutToken)
  const provider = sam.roster.providers?.find(({ issuer }) => issuer === iss)
  if (provider === undefined) throw refuse('provider-unknown')
  const token = await openLogoutToken(logoutToken, provider, nodePlatform)
  if (token === undefined || !isForUs(token, provider)) throw refuse('logout-token-invalid')
  if (token.iat > sam.time.seconds() + AHEAD_SECONDS) throw refuse('logout-token-invalid')
  sam.logOuts.add({ providerId: provider.id, issuer: token.iss, subject: token.sub }, token.iat)
  return {}
}

const isForUs = ({ aud }: LogoutToken, { clientId }: IdentityProvider) => aud.join() === clientId
