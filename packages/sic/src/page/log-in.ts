/**
 * Logging in at an identity provider to approve a statement (sole-control 7): in a window of its own, so that the page and
 * the documents in it stay.
 *
 * Provider and client come from the SAM's ticket. Verifier, state and nonce are made here; the nonce is the digest of the
 * statement, so that the log-in is for nothing else (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636).
 */
import { toBase64url } from '@natsuin/pki/encoding'
import { type GivenCode, type IdentityProvider, PROVIDER_CALLBACK } from '@natsuin/protocol/approval'
import type { Level } from '@natsuin/protocol/genesis'
import { Problem } from './problem.ts'
import { channelOf, type ProviderAnswer } from './provider-link.ts'

export interface LogInQuestion {
  readonly provider: IdentityProvider
  readonly level: Level
  /** The bytes that the person approves. */
  readonly statement: Uint8Array<ArrayBuffer>
  /** Ends it: the person changed his mind, or the ticket ran out. */
  readonly signal: AbortSignal
}

/** To be called while a click is being handled, or browsers open no window. @throws Problem */
export async function logInAtProvider(question: LogInQuestion): Promise<GivenCode> {
  const opened = openWindow()
  const [state, codeVerifier] = [randomText(), randomText()]
  const answered = answerOver(channelOf(state), question.signal)
  opened.location.href = await addressOf(question, { state, codeVerifier })
  return { code: codeIn(await answered, question.provider), codeVerifier }
}

function openWindow(): Window {
  const opened = window.open('about:blank', '_blank', 'popup,width=520,height=720')
  if (opened === null) throw new Problem('window-blocked')
  // The provider's pages must not be able to send this page elsewhere; in return this page cannot close theirs.
  opened.opener = null
  return opened
}

interface Secrets {
  readonly state: string
  readonly codeVerifier: string
}

/** What the provider is asked. */
export async function addressOf(
  { provider, level, statement }: Pick<LogInQuestion, 'provider' | 'level' | 'statement'>,
  { state, codeVerifier }: Secrets,
  origin: string = location.origin,
): Promise<string> {
  const { acrs } = provider.assurances.find(one => one.level === level) ?? {}
  const asked = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: `${origin}${PROVIDER_CALLBACK}`,
    scope: 'openid',
    prompt: 'login',
    max_age: '0',
    state,
    nonce: await digestText(statement),
    code_challenge: await digestText(new TextEncoder().encode(codeVerifier)),
    code_challenge_method: 'S256',
    ...(acrs && { acr_values: acrs.join(' ') }),
  }
  return `${provider.authorizationEndpoint}?${new URLSearchParams(asked)}`
}

function answerOver(channel: BroadcastChannel, signal: AbortSignal): Promise<ProviderAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ProviderAnswer>()
  // Pages of this origin alone can send it.
  channel.onmessage = ({ data }: MessageEvent<ProviderAnswer>) => resolve(data)
  signal.addEventListener('abort', () => reject(new Problem('log-in-not-given')), { once: true })
  return promise.finally(() => channel.close())
}

/** @throws Problem */
export function codeIn(
  { code, iss, error }: ProviderAnswer,
  { issuer }: Pick<IdentityProvider, 'issuer'>,
): string {
  // RFC 9207, 2.4: an answer of another provider is none.
  if (iss !== undefined && iss !== issuer) throw new Problem('log-in-refused')
  if (error === 'access_denied') throw new Problem('log-in-not-given')
  if (code === undefined) throw new Problem('log-in-refused', error === undefined ? {} : { error })
  return code
}

const randomText = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)))

async function digestText(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}
