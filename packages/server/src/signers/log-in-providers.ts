/**
 * Identity providers that people log in with, instead of with a passkey of ours (OpenID Connect Core 1.0, 3.1).
 *
 * `openid-client` speaks the protocol: it compares issuer, state and nonce, and checks the ID token with the provider's keys.
 * The issuer is pinned: what a provider says of itself counts only if it says it under that name (OpenID Connect
 * Discovery 1.0, 4.3). This client is not the one that the SAM has people approve with: a log-in here approves nothing.
 */
import { existsSync } from 'node:fs'
import { isLocalName } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import * as openid from 'openid-client'
import type { LogInProviderConfiguration } from '../config/log-in-providers.ts'
import type { ServerRefusal } from '../signing/refusals.ts'

const TIMEOUT_SECONDS = 10
/** Providers change addresses and, oftener, keys; openid-client asks for keys that it does not know. */
const DISCOVER_AGAIN_MILLISECONDS = 3_600_000
const MAX_ANSWER_BYTES = 1024 * 1024

/** What belongs to one log-in and to no other. */
export interface LogInSecrets {
  readonly state: string
  readonly nonce: string
  /** RFC 7636, 4.1. */
  readonly codeVerifier: string
}

/** Who somebody is at his provider (OpenID Connect Core 1.0, 5.7): nothing else that it says of him is looked at. */
export interface ProviderPerson {
  readonly issuer: string
  readonly subject: string
}

export interface LogInProviders {
  /** Those that are not switched off, in the order of the configuration. */
  offered(): readonly { readonly id: string; readonly name: string }[]
  isOpen(id: string): boolean
  /** Where the browser goes. @throws Refusal `log-in-provider-closed`, `log-in-provider-away` */
  address(id: string, secrets: LogInSecrets): Promise<string>
  /** @param answer the address that the browser came back to @throws Refusal those and `log-in-elsewhere-refused` */
  person(id: string, answer: URL, secrets: LogInSecrets): Promise<ProviderPerson>
}

export interface LogInProviderParts {
  readonly logInProviders: readonly LogInProviderConfiguration[]
  readonly publicUrl: string
  readonly now: () => number
}

export function createLogInProviders(parts: LogInProviderParts): LogInProviders {
  const known = new Map(parts.logInProviders.map(one => [one.id, new LogInProvider(one, parts)]))
  const open = (id: string): LogInProvider => {
    const provider = known.get(id)
    if (provider?.isOpen !== true) throw new Refusal<ServerRefusal>('log-in-provider-closed')
    return provider
  }
  return {
    offered: () => parts.logInProviders.filter(({ id }) => known.get(id)?.isOpen),
    isOpen: id => known.get(id)?.isOpen === true,
    address: (id, secrets) => open(id).address(secrets),
    person: (id, answer, secrets) => open(id).person(answer, secrets),
  }
}

/** Of its own for each provider, so that an answer says whom it was asked for (RFC 9700, 4.4.2.2). */
export const redirectUriOf = (publicUrl: string, id: string): string => `${publicUrl}/log-in/${id}`

interface Discovered {
  readonly configuration: openid.Configuration
  readonly at: number
}

class LogInProvider {
  readonly #own: LogInProviderConfiguration
  readonly #parts: LogInProviderParts
  #discovered: Discovered | undefined

  constructor(own: LogInProviderConfiguration, parts: LogInProviderParts) {
    this.#own = own
    this.#parts = parts
  }

  /** Looked at each time: whoever switches it off wants it off. */
  get isOpen(): boolean {
    const { switchOffFile } = this.#own
    return switchOffFile === undefined || !existsSync(switchOffFile)
  }

  async address({ state, nonce, codeVerifier }: LogInSecrets): Promise<string> {
    const configuration = await this.#configuration()
    return openid.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUriOf(this.#parts.publicUrl, this.#own.id),
      scope: 'openid',
      // A session that somebody else left open there is nobody's log-in here.
      prompt: 'login',
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }).href
  }

  async person(answer: URL, { state, nonce, codeVerifier }: LogInSecrets): Promise<ProviderPerson> {
    const configuration = await this.#configuration()
    try {
      const tokens = await openid.authorizationCodeGrant(configuration, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      })
      const { iss: issuer = '', sub: subject = '' } = tokens.claims() ?? {}
      return { issuer, subject }
    } catch (cause) {
      throw new Refusal<ServerRefusal>(
        isAway(cause) ? 'log-in-provider-away' : 'log-in-elsewhere-refused',
        {},
        { cause },
      )
    }
  }

  async #configuration(): Promise<openid.Configuration> {
    const now = this.#parts.now()
    const { at = 0, configuration } = this.#discovered ?? {}
    if (configuration !== undefined && Math.abs(now - at) < DISCOVER_AGAIN_MILLISECONDS) return configuration
    try {
      const discovered = await discover(this.#own)
      this.#discovered = { configuration: discovered, at: now }
      return discovered
    } catch (cause) {
      throw new Refusal<ServerRefusal>('log-in-provider-away', {}, { cause })
    }
  }
}

function discover({ issuer, clientId, secret }: LogInProviderConfiguration): Promise<openid.Configuration> {
  const server = new URL(issuer)
  const authentication = secret === undefined ? openid.None() : openid.ClientSecretBasic(secret)
  // ID tokens come from the provider itself, over TLS; their signatures are checked all the same.
  const checks = [openid.enableNonRepudiationChecks]
  const local = server.protocol === 'http:' && isLocalName(server.hostname)
  return openid.discovery(server, clientId, undefined, authentication, {
    timeout: TIMEOUT_SECONDS,
    execute: local ? [...checks, openid.allowInsecureRequests] : checks,
    [openid.customFetch]: fetchLittle,
  })
}

/** No provider has that much to say. */
const fetchLittle: openid.CustomFetch = async (url, options) => {
  const response = await fetch(url, options as RequestInit) // the same, in the words of openid-client
  const { body, status, headers } = response
  if (body === null) return response
  return new Response(body.pipeThrough(atMost(MAX_ANSWER_BYTES)), { status, headers })
}

function atMost(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let size = 0
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.length
      if (size > maxBytes) throw new TypeError('the answer is too long')
      controller.enqueue(chunk)
    },
  })
}

/** Nobody answered, or something else than an answer came back. */
function isAway(error: unknown): boolean {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown }
  const status = cause instanceof Response ? cause.status : 0
  return error instanceof TypeError || code === 'OAUTH_TIMEOUT' || status >= 500
}
