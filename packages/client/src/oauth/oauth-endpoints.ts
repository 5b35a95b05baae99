/** The OAuth endpoints of one service: forms out, JSON in, the application authenticated each time. */
import { UnexpectedAnswer } from '../csc-error.ts'
import type { Outgoing } from '../http/attempt.ts'
import type { CallOptions, Connection } from '../http/connection.ts'
import type { Repeatable } from '../http/repeat.ts'
import type { AuthorizationServer, EndpointName } from './authorization-server.ts'
import { authenticate, type ClientAuthentication } from './client-authentication.ts'

type Form = Readonly<Record<string, string | undefined>>

export interface OAuthEndpointsParts {
  readonly connection: Connection
  readonly server: AuthorizationServer
  readonly clientId: string
  readonly authentication: ClientAuthentication
  /** Whether tokens are bound to a key of ours. */
  readonly bindsTokens: boolean
}

export class OAuthEndpoints {
  readonly #parts: OAuthEndpointsParts

  constructor(parts: OAuthEndpointsParts) {
    this.#parts = parts
  }

  /** @throws UnexpectedAnswer when the service has none */
  urlOf(name: EndpointName): string {
    const url = this.#parts.server.endpoints[name]
    if (url === undefined) throw new UnexpectedAnswer(`the authorization server has no ${name}`)
    return url
  }

  /**
   * @param form made anew for each attempt
   * @returns the body; `undefined` when there was none
   * @throws CscError, Unanswered, the reason of the signal
   */
  async post(
    name: EndpointName,
    form: () => Promise<Form>,
    repeatable: Repeatable,
    options: CallOptions,
  ): Promise<unknown> {
    const { connection, bindsTokens } = this.#parts
    const url = this.urlOf(name)
    const prepare = async () => this.#outgoing(url, await form())
    const proves = bindsTokens && name !== 'revoke'
    const { body } = await connection.send({ repeatable, prepare, proves }, options)
    return body
  }

  async #outgoing(url: string, form: Form): Promise<Outgoing> {
    const { authentication, clientId, server } = this.#parts
    const shown = await authenticate(authentication, { clientId, audience: server.issuer })
    const body = new URLSearchParams()
    const all = Object.entries({ ...form, ...shown.parameters })
    for (const [name, value] of all) if (value !== undefined) body.set(name, value)
    const headers = {
      ...shown.headers,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    }
    return { url, method: 'POST', headers, body: body.toString() }
  }
}
