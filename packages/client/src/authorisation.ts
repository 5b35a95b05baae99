/**
 * Authorisation by code (RFC 6749, 4.1) with PKCE, for both scopes of CSC API v2.0.0.2, 8.4.
 *
 * An authorisation is begun (a URL to send the browser to, and what to remember meanwhile) and finished (with
 * the URL the browser came back to). Credential authorisations are pushed first (RFC 9126): digests and labels
 * never travel through the browser's address bar.
 */
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import { CscError, UnexpectedAnswer } from './csc-error.ts'
import { exchange, type Fetch } from './http.ts'
import { newProof, randomText } from './pkce.ts'
import { buildRequestObject, type RequestSigner } from './request-object.ts'

export interface OAuthSettings {
  /** `info.oauth2`: the URL under which `oauth2/authorize` and the others stand. */
  readonly oauth2: string
  readonly clientId: string
  readonly clientSecret?: string
  readonly redirectUri: string
  /** Signs what is asked for, so that the application vouches for it. */
  readonly requestSigner?: RequestSigner
  readonly fetch: Fetch
}

/** What an application remembers between sending the browser away and its return. Holds a secret. */
export interface PendingAuthorisation {
  readonly state: string
  readonly verifier: string
  readonly details?: readonly AuthorizationDetail[]
}

export interface BegunAuthorisation {
  /** Where to send the browser. */
  readonly url: string
  readonly pending: PendingAuthorisation
}

export interface Token {
  readonly accessToken: string
  /** Seconds, from when it was issued. */
  readonly expiresInSeconds: number
}

/** Scope `service`: permission to call the API for the person who logs in. */
export async function beginService(settings: OAuthSettings): Promise<BegunAuthorisation> {
  const { parameters, pending } = await authorizationRequest(settings, { scope: 'service' })
  return { url: `${endpoint(settings, 'authorize')}?${parameters}`, pending }
}

/** One credential, these digests. @throws CscError when the request is refused before anyone is asked */
export async function beginCredential(
  settings: OAuthSettings,
  details: readonly AuthorizationDetail[],
): Promise<BegunAuthorisation> {
  const { parameters, pending } = await authorizationRequest(settings, { scope: 'credential' })
  const form = await credentialForm(settings, parameters, details)
  const { request_uri } = (await post(settings, 'pushed_authorize', form)) as { request_uri?: unknown }
  if (typeof request_uri !== 'string') throw new UnexpectedAnswer('no request_uri')
  const query = new URLSearchParams({ client_id: settings.clientId, request_uri })
  return { url: `${endpoint(settings, 'authorize')}?${query}`, pending: { ...pending, details } }
}

/** The request as parameters, or as a request object that the application signs (RFC 9101, 4; RFC 9396, 3). */
async function credentialForm(
  { requestSigner, clientId, oauth2 }: OAuthSettings,
  parameters: URLSearchParams,
  details: readonly AuthorizationDetail[],
): Promise<URLSearchParams> {
  if (requestSigner === undefined) {
    parameters.set('authorization_details', JSON.stringify(details))
    return parameters
  }
  const claims = { ...Object.fromEntries(parameters), authorization_details: details }
  const audience = oauth2.replace(/\/+$/, '')
  const request = await buildRequestObject(requestSigner, { clientId, audience, parameters: claims })
  return new URLSearchParams({ request })
}

/**
 * The token for the code in the URL that the browser came back to.
 *
 * @throws CscError `access_denied` and others, as the service said; `invalid_request` when state or issuer are
 *   not those of this authorisation (RFC 9700, 4.4 and 4.7): then the answer was meant for someone else
 */
export async function finish(
  settings: OAuthSettings,
  pending: PendingAuthorisation,
  cameBackTo: string,
): Promise<Token> {
  const code = readCode(settings, pending, new URL(cameBackTo).searchParams)
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: settings.redirectUri,
    code_verifier: pending.verifier,
    ...(pending.details && { authorization_details: JSON.stringify(pending.details) }),
  })
  const answer = (await post(settings, 'token', form)) as { access_token?: unknown; expires_in?: unknown }
  if (typeof answer.access_token !== 'string') throw new UnexpectedAnswer('no access_token')
  // CSC API v2.0.0.2, 8.4.4: 3600 when it is not said.
  return { accessToken: answer.access_token, expiresInSeconds: Number(answer.expires_in ?? 3600) }
}

/** @throws CscError */
export async function revoke(settings: OAuthSettings, token: Token): Promise<void> {
  await post(settings, 'revoke', new URLSearchParams({ token: token.accessToken }))
}

async function authorizationRequest(settings: OAuthSettings, members: Readonly<Record<string, string>>) {
  const { verifier, challenge } = await newProof()
  const pending = { state: randomText(), verifier }
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: settings.redirectUri,
    state: pending.state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...members,
  })
  return { parameters, pending }
}

function readCode({ oauth2 }: OAuthSettings, pending: PendingAuthorisation, answer: URLSearchParams): string {
  if (answer.get('state') !== pending.state) throw foreignAnswer('state')
  const issuer = answer.get('iss')
  if (issuer !== null && issuer !== oauth2.replace(/\/+$/, '')) throw foreignAnswer('iss')
  const error = answer.get('error')
  if (error !== null) throw new CscError(0, error, answer.get('error_description') ?? '')
  const code = answer.get('code')
  if (code === null) throw new UnexpectedAnswer('neither code nor error')
  return code
}

function foreignAnswer(parameter: string): CscError {
  return new CscError(0, 'invalid_request', `the answer's ${parameter} is not of this authorisation`)
}

function post(settings: OAuthSettings, name: string, form: URLSearchParams): Promise<unknown> {
  form.set('client_id', settings.clientId)
  if (settings.clientSecret !== undefined) form.set('client_secret', settings.clientSecret)
  const contentType = 'application/x-www-form-urlencoded'
  return exchange(settings.fetch, { url: endpoint(settings, name), body: form.toString(), contentType })
}

function endpoint({ oauth2 }: OAuthSettings, name: string): string {
  return `${oauth2.replace(/\/+$/, '')}/oauth2/${name}`
}
