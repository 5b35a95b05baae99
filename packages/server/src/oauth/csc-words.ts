/**
 * What the authorization server refuses, in the words of CSC: API v1.0.4.0, 8.3.3 and 8.3.4; v2.0.0.2, 8.4.4 and
 * 8.4.5. Where status or code differ from RFC 6749, 5.2 the RFC wins, because that is what OAuth clients are written
 * against; the description says what CSC says.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'

export interface Answer {
  readonly status: number
  readonly error: string
  readonly description: string | undefined
}

/** What the endpoint answered, and what its log would say of the reason. */
export interface Refused {
  readonly status: number
  readonly error: string
  readonly description: string | undefined
  readonly detail: string
}

type Parameters = Readonly<Record<string, unknown>>

/** What the client sent. */
export interface Asked {
  readonly parameters: Parameters
  /** With Basic authentication the header names the client (RFC 6749, 2.3.1). */
  readonly hasHeader: boolean
}

/** The first rule that knows the reason words it; the provider's own words stay where CSC has none. */
export function inCscWords(route: string, refused: Refused, asked: Asked): Answer {
  for (const rule of RULES) {
    const worded = rule({ ...refused, ...asked, route })
    if (worded !== undefined)
      return { ...refused, ...(typeof worded === 'string' ? { description: worded } : worded) }
  }
  return refused
}

type Rule = (facts: Refused & Asked & { readonly route: string }) => Partial<Answer> | string | undefined

const RULES: readonly Rule[] = [
  ({ error, ...asked }) => {
    const missing = error === 'invalid_request' ? missingParameter(asked) : undefined
    return missing && `Missing parameter ${missing}`
  },
  ({ detail, description }) =>
    /^(?:invalid authorization header value|client_id and client_secret in the authorization)/.test(
      `${description}${detail}`,
    )
      ? { status: 401, error: 'invalid_client', description: 'Invalid authorization header' }
      : undefined,
  ({ error }) => (error === 'unsupported_grant_type' ? 'Invalid parameter grant_type' : undefined),
  ({ description }) =>
    description === 'no client authentication mechanism provided'
      ? 'Client authorization required'
      : undefined,
  ({ error, detail, ...asked }) => (error === 'invalid_client' ? clientWords(detail, asked) : undefined),
  ({ error, detail, parameters }) => (error === 'invalid_grant' ? grantWords(detail, parameters) : undefined),
]

/** Names that each endpoint cannot do without, in the order of CSC's tables. */
const REQUIRED: Readonly<Record<string, (parameters: Parameters) => readonly string[]>> = {
  token: ({ grant_type: type }) => ['grant_type', ...(GRANT_PARAMETERS[String(type)] ?? [])],
  revocation: () => ['token'],
  pushed_authorization_request: () => [],
}

const GRANT_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  authorization_code: ['code'],
  refresh_token: ['refresh_token'],
}

export const WORDED_ROUTES: readonly string[] = Object.keys(REQUIRED)

function missingParameter({ route, parameters, hasHeader }: Asked & { route: string }): string | undefined {
  const required = REQUIRED[route]?.(parameters) ?? []
  // An assertion names its client as well (RFC 7523, 3).
  const named = hasHeader || parameters['client_assertion'] !== undefined
  return [...(named ? [] : ['client_id']), ...required].find(name => parameters[name] === undefined)
}

/** Who may be guessing learns no more than the standard's table tells him. */
function clientWords(detail: string, { parameters, hasHeader }: Asked): string {
  if (detail === 'client not found') return 'Invalid parameter client_id'
  if (parameters['client_assertion'] !== undefined) return 'Invalid parameter client_assertion'
  return hasHeader || parameters['client_secret'] !== undefined
    ? 'Invalid parameter client_secret'
    : 'Client authorization required'
}

function grantWords(detail: string, { grant_type: type }: Parameters): string | undefined {
  if (type === 'refresh_token') {
    return /is expired$/.test(detail) ? 'Refresh token expired' : 'Invalid parameter refresh_token'
  }
  return (
    CODE_WORDS.find(([pattern]) => pattern.test(detail))?.[1] ?? 'Authorization code is invalid or expired'
  )
}

const CODE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(authorization code not found|client mismatch)$/, 'Invalid parameter code'],
  [
    /redirect_uri mismatch$/,
    'redirect_uri parameter does not match redirect_uri parameter of authorization request',
  ],
  [/^code_verifier|code_challenge/, 'Invalid parameter code_verifier'],
]

/** `undefined`: a hint that is none of RFC 7009, 2.1. */
const HINTS: readonly unknown[] = [undefined, 'access_token', 'refresh_token']

/**
 * Of an endpoint that revokes whatever token it is given by its own client: 204 where RFC 7009 says 200, and CSC tells
 * a client that its token was unknown, or another client's.
 */
export function revocationAnswer({
  oidc: { client, entities, params },
}: KoaContextWithOIDC): Answer | undefined {
  if (!HINTS.includes(params?.['token_type_hint'])) return invalid('Invalid parameter token_type_hint')
  const token = entities.AccessToken ?? entities.RefreshToken ?? entities.ClientCredentials
  return token !== undefined && token.clientId === client?.clientId
    ? undefined
    : invalid('Invalid string parameter token')
}

const invalid = (description: string): Answer => ({ status: 400, error: 'invalid_request', description })
