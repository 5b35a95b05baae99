/**
 * Authorisation by code (RFC 6749, 4.1) with PKCE, for both scopes of CSC API v2.0.0.2, 8.4 and v1.0.4.0, 8.3.
 *
 * An authorisation is begun (a URL to send the browser to, and what to remember meanwhile) and finished (with the URL the
 * browser came back to). Where the service takes pushed requests (RFC 9126), nothing travels through the browser's address
 * bar, where it could be read and changed.
 */
import { CscError, UnexpectedAnswer } from '../csc-error.ts'
import type { CallOptions } from '../http/connection.ts'
import { membersOf, textOf } from '../json.ts'
import { readToken, type Token } from '../token.ts'
import type { AuthorizationServer } from './authorization-server.ts'
import type { AuthorizationDetail } from './credential-request.ts'
import { type DpopKey, thumbprintOf } from './dpop.ts'
import type { OAuthEndpoints } from './oauth-endpoints.ts'
import { newProof, randomText } from './pkce.ts'
import { buildRequestObject, type RequestSigner } from './request-object.ts'

/** What an application remembers between sending the browser away and its return. Plain data; holds a secret. */
export interface PendingAuthorisation {
  readonly state: string
  readonly verifier: string
  readonly redirectUri: string
  readonly details?: readonly AuthorizationDetail[]
}

export interface BegunAuthorisation {
  /** Where to send the browser. */
  readonly url: string
  readonly pending: PendingAuthorisation
}

/** Beside what is asked for. */
export interface AuthorisationOptions extends CallOptions {
  /** Else the client's. */
  readonly redirectUri?: string
  /** RFC 5646: in which language the service is to speak with the signer. */
  readonly lang?: string
  /** For the service's log; it may say something about the signer. */
  readonly clientData?: string
  /** What `accountToken` made. */
  readonly accountToken?: string
}

/** What the code will be good for. */
export interface Asked {
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly details?: readonly AuthorizationDetail[]
}

export interface AuthorisationParts {
  readonly server: AuthorizationServer
  readonly endpoints: OAuthEndpoints
  readonly clientId: string
  readonly redirectUri: string
  readonly requestSigner: RequestSigner | undefined
  readonly dpopKey: DpopKey | undefined
}

/** @throws CscError when the request is refused before anyone is asked */
export async function begin(
  parts: AuthorisationParts,
  { parameters, details }: Asked,
  options: AuthorisationOptions,
): Promise<BegunAuthorisation> {
  const { redirectUri = parts.redirectUri, lang, clientData, accountToken } = options
  const { verifier, challenge } = await newProof()
  const pending = { state: randomText(), verifier, redirectUri, ...(details && { details }) }
  const request = {
    response_type: 'code',
    client_id: parts.clientId,
    redirect_uri: redirectUri,
    state: pending.state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    dpop_jkt: parts.dpopKey && (await thumbprintOf(parts.dpopKey)),
    ...parameters,
    lang,
    clientData,
    account_token: accountToken,
  }
  return { url: await urlFor(parts, request, details, options), pending }
}

type RequestParameters = Readonly<Record<string, string | undefined>>

/** By reference where the service takes what is pushed, else everything in the URL (short enough for browsers). */
async function urlFor(
  parts: AuthorisationParts,
  request: RequestParameters,
  details: readonly AuthorizationDetail[] | undefined,
  options: CallOptions,
): Promise<string> {
  const { server, endpoints, clientId } = parts
  const form = async () => inForm(parts, request, details)
  const authorize = new URL(endpoints.urlOf('authorize'))
  const pushes = server.endpoints.pushed_authorize !== undefined
  const query = pushes ? { request_uri: await push(parts, form, options) } : await form()
  const all = Object.entries({ client_id: clientId, ...query })
  for (const [name, value] of all) if (value !== undefined) authorize.searchParams.set(name, value)
  return authorize.href
}

async function push(
  { endpoints }: AuthorisationParts,
  form: () => Promise<RequestParameters>,
  options: CallOptions,
): Promise<string> {
  const answer = await endpoints.post('pushed_authorize', form, 'freely', options)
  return textOf(membersOf(answer)['request_uri'], 'request_uri')
}

/** The request as parameters, or as a request object that the application signs (RFC 9101, 4; RFC 9396, 3). */
async function inForm(
  { requestSigner, clientId, server }: AuthorisationParts,
  request: RequestParameters,
  details: readonly AuthorizationDetail[] | undefined,
): Promise<RequestParameters> {
  if (requestSigner === undefined) {
    return details === undefined ? request : { ...request, authorization_details: JSON.stringify(details) }
  }
  const parameters = details === undefined ? request : { ...request, authorization_details: details }
  return {
    request: await buildRequestObject(requestSigner, { clientId, audience: server.issuer, parameters }),
  }
}

/**
 * The token for the code in the URL that the browser came back to. A code is good for one token, so nothing is sent again
 * when no answer comes.
 *
 * @throws CscError `access_denied` and others, as the service said; `invalid_request` when state or issuer are
 *   not those of this authorisation (RFC 9700, 4.4 and 4.7): then the answer was meant for someone else
 */
export async function finish(
  parts: AuthorisationParts,
  pending: PendingAuthorisation,
  cameBackTo: string,
  options: CallOptions,
): Promise<Token> {
  const code = readCode(parts.server, pending, new URL(cameBackTo).searchParams)
  const { redirectUri, verifier, details } = pending
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    // Servers compare them with what was asked for (CSC API v2.0.0.2, 8.4.4).
    authorization_details: details && JSON.stringify(details),
  }
  return readToken(await parts.endpoints.post('token', async () => form, 'when-refused', options))
}

function readCode(
  { issuer, namesItself }: AuthorizationServer,
  { state }: PendingAuthorisation,
  answer: URLSearchParams,
): string {
  if (answer.get('state') !== state) throw foreignAnswer('state')
  const from = answer.get('iss')
  // RFC 9207, 2.4: whoever names himself has to be the one who was asked, and one who always does cannot be silent.
  if (from === null ? namesItself : from !== issuer) throw foreignAnswer('iss')
  const error = answer.get('error')
  if (error !== null) throw new CscError(0, error, answer.get('error_description') ?? '')
  const code = answer.get('code')
  if (code === null) throw new UnexpectedAnswer('neither code nor error')
  return code
}

function foreignAnswer(parameter: string): CscError {
  return new CscError(0, 'invalid_request', `the answer's ${parameter} is not of this authorisation`)
}
