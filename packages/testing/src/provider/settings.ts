/** What a foreign identity provider is told when it is started: one JSON object on its standard input. */
import type { JsonWebKey } from 'node:crypto'
import type { ClientMetadata, JWKS } from 'oidc-provider'

export interface ProviderSettings {
  readonly port: number
  readonly issuer: string
  /** Its own keys, private halves included. */
  readonly jwks: JWKS
  readonly clients: readonly ClientMetadata[]
}

/** The public half of the key that a client shows itself with (OpenID Connect Core 1.0, 9: private_key_jwt). */
export interface ProviderClient {
  readonly clientId: string
  readonly key: JsonWebKey
  readonly redirectUri: string
  readonly backchannelLogoutUri?: string
}

/** How people log in there: authentication context and methods that it tells its clients. */
export const LOG_INS = {
  password: { acr: 'urn:example:password', amr: ['pwd'] },
  'two-factor': { acr: 'urn:example:two-factor', amr: ['pwd', 'otp'] },
} as const

export type LogInMethod = keyof typeof LOG_INS
