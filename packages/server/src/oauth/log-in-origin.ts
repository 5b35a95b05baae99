/**
 * Where the signer of a token logged in, from the interaction to the token: what a provider's log-ins gave ends when the
 * provider is switched off.
 *
 * The authorization server carries methods of a log-in (RFC 8176) through codes and refresh tokens by itself; nobody else
 * is told them.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'

const PROVIDER = 'provider:'

/** For the result of an interaction. @param providerId undefined for a log-in here */
export function methodsOf(providerId: string | undefined): string[] {
  return providerId === undefined ? [] : [`${PROVIDER}${providerId}`]
}

/** What an access token says of it beside, for `access-tokens.ts`. */
export interface LogInOrigin {
  readonly logInProvider?: string
}

/** The `extraTokenClaims` of the provider. @param context undefined for a token that nobody asked for over HTTP */
export function logInOrigin(context: KoaContextWithOIDC | undefined): LogInOrigin | undefined {
  const { AuthorizationCode: code, RefreshToken: refresh } = context?.oidc.entities ?? {}
  const method = (code?.amr ?? refresh?.amr)?.find(name => name.startsWith(PROVIDER))
  return method === undefined ? undefined : { logInProvider: method.slice(PROVIDER.length) }
}
