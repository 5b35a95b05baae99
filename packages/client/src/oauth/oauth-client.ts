/** The application at the authorization server: what it may ask for there, in either edition. */

import { type Revoked, revoked } from '../csc/log-in.ts'
import type { CscService } from '../csc/service.ts'
import type { CallOptions, Connection } from '../http/connection.ts'
import { readToken, type Token } from '../token.ts'
import {
  type AuthorisationOptions,
  type AuthorisationParts,
  type BegunAuthorisation,
  begin,
  finish,
  type PendingAuthorisation,
} from './authorisation.ts'
import { type AuthorizationServer, authorizationServerOf } from './authorization-server.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import { type CredentialRequest, detailOf, parametersOf, takesDetails } from './credential-request.ts'
import type { DpopKey } from './dpop.ts'
import { OAuthEndpoints } from './oauth-endpoints.ts'
import type { RequestSigner } from './request-object.ts'

export interface OAuthClientParts {
  readonly connection: Connection
  readonly service: CscService
  readonly clientId?: string
  readonly authentication?: ClientAuthentication
  readonly redirectUri?: string
  readonly requestSigner?: RequestSigner
  readonly dpopKey?: DpopKey
  readonly issuer?: string
  readonly hashesSpelling?: 'base64' | 'base64url'
}

export class OAuthClient {
  readonly #parts: OAuthClientParts
  #server: AuthorizationServer | undefined

  constructor(parts: OAuthClientParts) {
    this.#parts = parts
  }

  async beginService({
    scope = 'service',
    ...options
  }: AuthorisationOptions & { readonly scope?: string }): Promise<BegunAuthorisation> {
    return await begin(await this.#authorisation(options), { parameters: { scope } }, options)
  }

  async beginCredential(
    request: CredentialRequest,
    options: AuthorisationOptions,
  ): Promise<BegunAuthorisation> {
    const { service, hashesSpelling = 'base64url' } = this.#parts
    const { info } = await service.told(options)
    const edition = await service.edition(options)
    const parts = await this.#authorisation(options)
    if (edition === 'v1' || !takesDetails(info)) {
      return await begin(parts, { parameters: parametersOf(request, edition, hashesSpelling) }, options)
    }
    return await begin(parts, { parameters: {}, details: [detailOf(request, info)] }, options)
  }

  async finish(pending: PendingAuthorisation, cameBackTo: string, options: CallOptions): Promise<Token> {
    return await finish(await this.#authorisation(options), pending, cameBackTo, options)
  }

  async clientCredentials(options: CallOptions): Promise<Token> {
    const endpoints = await this.#endpoints(options)
    const form = { grant_type: 'client_credentials', scope: 'service' }
    return readToken(await endpoints.post('token', async () => form, 'freely', options))
  }

  /** @throws TypeError when the token has no refresh token */
  async refresh({ refreshToken }: Token, options: CallOptions): Promise<Token> {
    if (refreshToken === undefined) throw new TypeError('the token cannot be refreshed')
    const endpoints = await this.#endpoints(options)
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    // One that is replaced by use is good for one use.
    const token = readToken(await endpoints.post('token', async () => form, 'when-refused', options))
    return { refreshToken, ...token }
  }

  async revoke(token: Token, what: Revoked, options: CallOptions): Promise<void> {
    const endpoints = await this.#endpoints(options)
    const { value, hint } = revoked(token, what)
    await endpoints.post('revoke', async () => ({ token: value, token_type_hint: hint }), 'freely', options)
  }

  async #authorisation(options: CallOptions): Promise<AuthorisationParts> {
    const { redirectUri = '', requestSigner, dpopKey } = this.#parts
    const [server, endpoints] = [await this.#known(options), await this.#endpoints(options)]
    return { server, endpoints, clientId: this.#clientId(), redirectUri, requestSigner, dpopKey }
  }

  async #endpoints(options: CallOptions): Promise<OAuthEndpoints> {
    const { connection, authentication = { method: 'none' }, dpopKey } = this.#parts
    const server = await this.#known(options)
    const bindsTokens = dpopKey !== undefined
    return new OAuthEndpoints({ connection, server, clientId: this.#clientId(), authentication, bindsTokens })
  }

  async #known(options: CallOptions): Promise<AuthorizationServer> {
    const { connection, service, issuer } = this.#parts
    this.#server ??= await authorizationServerOf(
      connection,
      (await service.told(options)).info,
      issuer,
      options,
    )
    return this.#server
  }

  /** @throws TypeError */
  #clientId(): string {
    const { clientId } = this.#parts
    if (clientId === undefined) throw new TypeError('OAuth needs a clientId')
    return clientId
  }
}
