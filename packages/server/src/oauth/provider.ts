/**
 * The authorization server: oidc-provider, configured for CSC (CSC API v2.0.0.2, 8.4) and narrowed to what CSC
 * needs. Authorization code with PKCE S256 (profile `csc-v1`: without), client credentials, pushed requests, `authorization_details`, opaque
 * tokens, refreshed for the scope `service` alone; no implicit grant, no user info, no dynamic registration, no silent log-in.
 */
import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '@natsuin/protocol/refusal'
import { ACT_TYPES, DETAIL_TYPES, REQUEST_ALGORITHMS } from '@natsuin/protocol/request'
import Provider, {
  type Account,
  type Configuration,
  errors,
  type Interaction,
  interactionPolicy,
  type JWKS,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { ClientCertificates } from '../http/client-certificates.ts'
import type { AccountRepository } from '../storage/accounts.ts'
import type { OAuthRecordRepository } from '../storage/oauth-records.ts'
import type { UsedIdRepository } from '../storage/used-ids.ts'
import { accountTokenChecker } from './account-token.ts'
import { createAdapterFactory } from './adapter.ts'
import { clientAssertionChecker, SKEW_SECONDS } from './client-assertions.ts'
import type { ClientRegistry } from './client-registry.ts'
import { isSecretOf } from './client-secrets.ts'
import { type ClientTlsParts, certificateJudge, mutualTls } from './client-tls.ts'
import { revocationAnswer } from './csc-words.ts'
import { nonceNeeded, proofJudge } from './dpop/at-provider.ts'
import type { Proofs } from './dpop/proofs.ts'
import { PROOF_ALGORITHMS } from './dpop/read-proof.ts'
import { renderError } from './error-page.ts'
import { wordsFor } from './errors.ts'
import { logInOrigin } from './log-in-origin.ts'
import { checkResponseMode, narrowMetadata } from './metadata.ts'
import { profileOf } from './profiles.ts'
import { readActText, sameDetails } from './rar.ts'
import { requestObjectChecker, signedRequest } from './request-objects.ts'
import { checkOwnScope, checkScope, SCOPES } from './scopes.ts'
import { CSC_PARAMETERS, readDetails, refusingDetails } from './signature-request.ts'
import { tokenTypeNamer } from './token-type.ts'

/**
 * Cookie prefixes (draft-ietf-httpbis-rfc6265bis): names that a browser takes from this very host over TLS alone, so that no sibling host can set
 * one. Cookies of an interaction have its path, which the stronger prefix does not allow.
 */
const SECURE_COOKIES = {
  session: '__Host-natsuin-session',
  interaction: '__Secure-natsuin-interaction',
  resume: '__Secure-natsuin-resume',
}

/** RFC 6749, 2.3.1; RFC 7523, 2.2; RFC 8705, 2. */
const CLIENT_AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const

const CODE_SECONDS = 60
export const SERVICE_TOKEN_SECONDS = 3600
/** For how long a client may go on without its signer logging in again. */
export const SERVICE_GRANT_SECONDS = 30 * 24 * 3600
/** What a signer logged in for once, he does soon. */
export const ACT_GRANT_SECONDS = 600
const INTERACTION_SECONDS = 600
const SESSION_SECONDS = 3600

export interface ProviderParts {
  /** Scheme, host and port: the issuer. */
  readonly publicUrl: string
  readonly clients: ClientRegistry
  readonly cookieKeys: readonly string[]
  readonly jwks: JWKS
  readonly records: OAuthRecordRepository
  readonly accounts: AccountRepository
  readonly usedIds: UsedIdRepository
  readonly proofs: Proofs
  /** 32 bytes; what nonces of proofs are made of. */
  readonly proofNonceKey: Uint8Array
  readonly clientCertificates: ClientCertificates
  readonly clientAuthorities: ClientTlsParts['clientAuthorities']
  readonly clock: Clock
  /** Where the signer is sent when an interaction begins. */
  readonly interactionUrl: (context: KoaContextWithOIDC, interaction: Interaction) => Promise<string>
  /** Whether this request may go on with the interaction. */
  readonly mayResume: (uid: string, finish: string | undefined) => Promise<boolean>
}

/** The one resource that tokens are for: the API. */
export function resourceOf(publicUrl: string): string {
  return `${publicUrl}/csc/v2`
}

export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.publicUrl, configuration(parts))
  // The public URL is configuration; what a proxy or a client says about it is overwritten before Koa reads it.
  provider.proxy = true
  // The provider knows one secret of a client, and asks this of it.
  provider.Client.prototype.compareClientSecret = function (given) {
    const client = parts.clients.find(this.clientId)
    return client !== undefined && isSecretOf(client, given)
  }
  provider.use(answerOutages)
  provider.use(narrowMetadata)
  provider.use(tokenTypeNamer(parts.clients))
  provider.use(certificateJudge(parts))
  provider.use(proofJudge(parts.proofs, parts.publicUrl))
  provider.use(async (context, next) => {
    // By its cookie, as the provider finds it: the path has many spellings, and may name another interaction.
    const uid = context.cookies.get(provider.cookieName('resume'), { signed: true })
    const finish = context.query['finish']
    if (uid !== undefined && !(await parts.mayResume(uid, typeof finish === 'string' ? finish : undefined))) {
      context.status = 403
      context.body = { error: 'access_denied', error_description: 'This page did not give the approval' }
      return
    }
    await next()
  })
  return provider
}

/** For what is asked before the provider begins, whose errors nobody else answers: an outage, which passes. */
async function answerOutages(context: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
  try {
    await next()
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason
    const { error, description } = wordsFor(reason.code)
    context.status = 503
    context.body = { error, error_description: description }
  }
}

function configuration(parts: ProviderParts): Configuration {
  const secure = new URL(parts.publicUrl).protocol === 'https:'
  return {
    adapter: createAdapterFactory(parts),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: parts.jwks,
    cookies: {
      keys: [...parts.cookieKeys],
      ...(secure ? { names: SECURE_COOKIES } : {}),
      long: { signed: true, httpOnly: true, sameSite: 'lax', secure },
      short: { signed: true, httpOnly: true, sameSite: 'lax', secure },
    },
    scopes: [...SCOPES],
    responseTypes: ['code'],
    // FAPI 2.0 Security Profile, 5.4.1.
    enabledJWA: {
      requestObjectSigningAlgValues: [...REQUEST_ALGORITHMS],
      clientAuthSigningAlgValues: [...REQUEST_ALGORITHMS],
      dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
    },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    assertJwtClientAuthClaimsAndHeader: clientAssertionChecker(parts),
    pkce: { required: (_context, { clientId }) => profileOf(parts.clients, clientId).pkce },
    routes: {
      authorization: '/oauth2/authorize',
      pushed_authorization_request: '/oauth2/pushed_authorize',
      token: '/oauth2/token',
      revocation: '/oauth2/revoke',
      jwks: '/oauth2/jwks',
      end_session: '/oauth2/log-out',
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    // For `nbf` alone: what expires is compared without it, here and by the provider for codes and requests.
    clockTolerance: SKEW_SECONDS,
    // Tokens are bearer values in a header, never cookies, so any page may call these endpoints.
    clientBasedCORS: () => true,
    expiresWithSession: async () => false,
    extraTokenClaims: async context => ({ ...logInOrigin(context) }),
    issueRefreshToken: async (_context, client, { scopes }) =>
      client.grantTypeAllowed('refresh_token') && scopes.has('service'),
    rotateRefreshToken: ({ oidc: { client } }) => profileOf(parts.clients, client?.clientId ?? '').rotation,
    findAccount: (_context, id) => findAccount(parts.accounts, id),
    loadExistingGrant: context => grantOfThisRequest(context),
    extraParams: extraParameters(parts),
    interactions: { policy: policy(), url: parts.interactionUrl },
    renderError,
    ttl: {
      AccessToken: context => accessTokenSeconds(context, parts.clock),
      AuthorizationCode: CODE_SECONDS,
      ClientCredentials: SERVICE_TOKEN_SECONDS,
      Grant: SERVICE_GRANT_SECONDS,
      Interaction: INTERACTION_SECONDS,
      RefreshToken: context => grantSeconds(context, parts.clock),
      Session: SESSION_SECONDS,
    },
    features: features(parts),
  }
}

function features(parts: ProviderParts): NonNullable<Configuration['features']> {
  const { publicUrl, clock, proofNonceKey } = parts
  const resource = resourceOf(publicUrl)
  return {
    devInteractions: { enabled: false },
    // Replay is refused by `proofJudge`, which is before.
    dPoP: {
      enabled: true,
      nonceSecret: Buffer.from(proofNonceKey),
      requireNonce: nonceNeeded,
      allowReplay: true,
    },
    mTLS: mutualTls(parts),
    clientCredentials: { enabled: true },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true, assertJwtClaimsAndHeader: requestObjectChecker(clock) },
    revocation: {
      enabled: true,
      allowedPolicy: mayEndGrant,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: async () => true,
      getResourceServerInfo: (context, asked) => {
        if (asked !== resource) throw new errors.InvalidTarget()
        if (context.oidc.params?.['grant_type'] === 'client_credentials') checkOwnScope(context)
        return { scope: SCOPES.join(' '), accessTokenFormat: 'opaque' }
      },
    },
    richAuthorizationRequests: {
      enabled: true,
      types: Object.fromEntries([
        ...DETAIL_TYPES.map(type => [type, { validate: validateDetails }] as const),
        ...ACT_TYPES.map(type => [type, { validate: validateAct }] as const),
      ]),
      authorizationDetailsForGrantSource: context => context.oidc.grant?.rar,
      authorizationDetailsForAccessToken: (context, _token, source) => repeated(context, source?.rar),
      authorizationDetailsForIntrospection: () => undefined,
    },
  }
}

/** The whole parameter is read from its text, because the parsed detail has lost duplicates. */
function validateDetails(context: KoaContextWithOIDC): void {
  const written = context.oidc.params?.['authorization_details']
  if (typeof written !== 'string') return
  const { locations } = readDetails(written)
  // What nobody signed, anybody in between may have written. A token request only repeats what was granted.
  if (locations.length > 0 && context.oidc.route !== 'token' && signedRequest(context) === undefined) {
    throw new errors.InvalidAuthorizationDetails('documentLocations: only in a signed request object')
  }
}

function validateAct(context: KoaContextWithOIDC): void {
  const written = context.oidc.params?.['authorization_details']
  if (typeof written === 'string') refusingDetails(() => readActText(written))
}

/**
 * Whether what hangs on the token's grant ends with it: an access token ends alone (CSC API v2.0.0.2, 8.4.5), which is
 * done here, because the library ends all of them. One that is another's is unknown to who asks; what is wrong in the
 * request revokes nothing.
 */
async function mayEndGrant(
  context: KoaContextWithOIDC,
  _client: unknown,
  token: RevokedToken,
): Promise<boolean> {
  if (revocationAnswer(context) !== undefined) return false
  if (token.kind !== 'AccessToken') return true
  await token.destroy()
  return false
}

interface RevokedToken {
  readonly kind: string
  destroy(): Promise<void>
}

/** CSC API v2.0.0.2, 8.4.4: a token request that repeats the details repeats them unchanged. */
function repeated<T>(context: KoaContextWithOIDC, granted: T): T {
  const written = context.oidc.params?.['authorization_details']
  if (typeof written === 'string' && !sameDetails(JSON.parse(written), granted)) {
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details differ from those of the authorization request',
    )
  }
  return granted
}

/** The provider runs the validators, after its own checks, whether their parameter is there or not. */
function extraParameters(parts: ProviderParts): NonNullable<Configuration['extraParams']> {
  return {
    ...Object.fromEntries(CSC_PARAMETERS.map(name => [name, null])),
    credentialID: context => checkScope(context, parts.clients),
    lang: context => checkResponseMode(context),
    account_token: accountTokenChecker(parts),
  }
}

/** Every authorization is a decision of its own: no log-in of an earlier request answers for this one. */
function policy(): interactionPolicy.DefaultPolicy {
  const { Check, base } = interactionPolicy
  const prompts = base()
  const fresh = new Check('fresh', 'each request is decided by the signer', 'login_required', context =>
    context.oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
  )
  prompts.get('login')?.checks.add(fresh)
  return prompts
}

async function grantOfThisRequest(context: KoaContextWithOIDC) {
  const grantId = context.oidc.result?.consent?.grantId
  return grantId === undefined ? undefined : context.oidc.provider.Grant.find(grantId)
}

async function findAccount(accounts: AccountRepository, id: string): Promise<Account | undefined> {
  const account = await accounts.find(id)
  return account && { accountId: id, claims: async () => ({ sub: id }) }
}

/** A grant of scope `credential` expires with its SAD, and the token with the grant. */
function accessTokenSeconds(context: KoaContextWithOIDC, clock: Clock): number {
  return Math.min(SERVICE_TOKEN_SECONDS, grantSeconds(context, clock))
}

/** What is left of the grant: refreshing does not make it longer. */
function grantSeconds(context: KoaContextWithOIDC, clock: Clock): number {
  const { Grant: grant } = context.oidc.entities
  return Math.max(1, (grant?.exp ?? 0) - epochSeconds(clock()))
}

/** Compares two texts without telling where they differ. */
export function sameSecret(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
