/**
 * The CSC client: one interface to services of either edition (CSC API v1.0.4.0, v2.0.0.2, and what 2.1 and 2.2 added).
 *
 * Runs in a browser and in Node. What is bytes is `Uint8Array`; base64 is for the service. A call that may have signed is
 * never repeated by itself, but where the service answers a repeated call with the values of the first.
 */

import type { Edition } from '@natsuin/protocol/csc'
import * as authorizing from './csc/authorize.ts'
import type { CredentialInfo } from './csc/credential-info.ts'
import * as credentials from './csc/credentials.ts'
import { askEvidence } from './csc/evidence.ts'
import * as logIn from './csc/log-in.ts'
import { CscService, type MethodOptions } from './csc/service.ts'
import type { ServiceInfo } from './csc/service-info.ts'
import * as documents from './csc/sign-doc.ts'
import * as hashes from './csc/sign-hash.ts'
import type { Later, SigningAuthorisation, SigningOptions } from './csc/signing.ts'
import { type TimestampRequest, timestamp } from './csc/timestamp.ts'
import type { Fetch } from './http/attempt.ts'
import { type CallOptions, Connection } from './http/connection.ts'
import { RETRY_POLICY, type RetryPolicy } from './http/repeat.ts'
import type { AuthorisationOptions, BegunAuthorisation, PendingAuthorisation } from './oauth/authorisation.ts'
import type { ClientAuthentication } from './oauth/client-authentication.ts'
import type { CredentialRequest } from './oauth/credential-request.ts'
import { type DpopKey, DpopProver } from './oauth/dpop.ts'
import { OAuthClient } from './oauth/oauth-client.ts'
import type { RequestSigner } from './oauth/request-object.ts'
import type { PendingApproval, Sad, Token } from './token.ts'

export interface CscClientOptions {
  /** Base of the API, `https://…/csc/v2/` or `https://…/csc/v1/`; what it says is the edition, else what `info` says. */
  readonly baseUrl: string
  /** As the application is registered; not needed where services know it by other means (`auth/login`, TLS). */
  readonly clientId?: string
  /** Default: `none`, as a browser has to. */
  readonly authentication?: ClientAuthentication
  /** Where services send the signer back to, exactly as registered. */
  readonly redirectUri?: string
  /** The application vouches for what it asks signatures for: every authorization request is signed with this. */
  readonly requestSigner?: RequestSigner
  /** Tokens are bound to this key (DPoP). */
  readonly dpopKey?: DpopKey
  /** Issuer of the authorization server, whose metadata then says where its endpoints are. Default: what `info` says. */
  readonly issuer?: string
  /**
   * How digests are spelled in the parameter `hashes` of an authorization request, where the service takes no
   * `authorization_details`: `base64url`, as the standard has it, unless the service understands `base64` alone.
   */
  readonly hashesSpelling?: 'base64' | 'base64url'
  /** Default: four attempts, with pauses from a quarter of a second to half a minute. */
  readonly retry?: Partial<RetryPolicy>
  /** Of one attempt. Default: 30 seconds; signing documents, and what waits for the signer, take longer. */
  readonly timeoutMs?: number
  /** Default: the platform's. The way to present a TLS certificate, or to go through a proxy. */
  readonly fetch?: Fetch
}

/**
 * Every call throws `CscError` when the service says no, `UnexpectedAnswer` when its answer is not the protocol,
 * `Unanswered` when there is none, and the signal's reason when that ended it. `service` is a token of scope `service`, or
 * `undefined` where the service knows the application by other means.
 */
export interface CscClient {
  /** Which edition the service speaks here. */
  edition(options?: CallOptions): Promise<Edition>
  /** 11.1 `info`. Needs no authorisation. */
  info(options?: MethodOptions): Promise<ServiceInfo>

  /** Somebody is to log in: scope `service`, unless you say otherwise. */
  beginServiceAuthorisation(
    options?: AuthorisationOptions & { readonly scope?: string },
  ): Promise<BegunAuthorisation>
  /** Somebody is to approve signatures. */
  beginCredentialAuthorisation(
    request: CredentialRequest,
    options?: AuthorisationOptions,
  ): Promise<BegunAuthorisation>
  /** @param cameBackTo the URL of the redirect, with its query */
  finishAuthorisation(
    pending: PendingAuthorisation,
    cameBackTo: string,
    options?: CallOptions,
  ): Promise<Token>
  /** For itself, and nobody in particular: what seals sign with (8.5). */
  clientCredentials(options?: CallOptions): Promise<Token>
  /** A new token for the same log-in. The old refresh token may be good for nothing then. */
  refresh(token: Token, options?: CallOptions): Promise<Token>
  /** `oauth2/revoke`: the token, or with its refresh token all that came of the same log-in. */
  revoke(token: Token, what?: logIn.Revoked, options?: CallOptions): Promise<void>

  /** 11.2 `auth/login`. */
  authLogin(by: logIn.LogIn, options?: MethodOptions): Promise<Token>
  /** 11.3 `auth/revoke`. */
  authRevoke(token: Token, what?: logIn.Revoked, options?: MethodOptions): Promise<void>

  /** 11.4 `credentials/list`; of a v1 service every page. */
  credentialsList(
    service: Token | undefined,
    request?: credentials.ListRequest,
    options?: MethodOptions,
  ): Promise<credentials.CredentialsList>
  /** 11.5 `credentials/info`. */
  credentialsInfo(
    service: Token | undefined,
    request: credentials.CredentialDetails & { readonly credentialID: string },
    options?: MethodOptions,
  ): Promise<CredentialInfo>
  /** 11.6 `credentials/authorize`, for credentials of mode `explicit`: the SAD, or a handle to ask again with. */
  credentialsAuthorize(
    service: Token | undefined,
    request: authorizing.AuthorizeRequest,
    options?: MethodOptions,
  ): Promise<Sad | PendingApproval>
  /** 11.7 `credentials/authorizeCheck`. */
  credentialsAuthorizeCheck(
    service: Token | undefined,
    pending: PendingApproval,
    options?: MethodOptions,
  ): Promise<Sad | PendingApproval>
  /** Asks `authorizeCheck` until the signer has decided. End it with a signal. */
  approved(service: Token | undefined, answer: Sad | PendingApproval, options?: MethodOptions): Promise<Sad>
  /** 11.8 `credentials/getChallenge`, or `sendOTP` of v1; `undefined` when the challenge went another way. */
  credentialsGetChallenge(
    service: Token | undefined,
    request: authorizing.ChallengeRequest,
    options?: MethodOptions,
  ): Promise<string | undefined>
  /** 11.9 `credentials/extendTransaction`. The SAD that comes takes the place of the one that was given. */
  credentialsExtendTransaction(
    service: Token | undefined,
    request: authorizing.ExtendRequest,
    options?: MethodOptions,
  ): Promise<Sad>
  /** v2.2.0.0, 11.4 `credentials/create`. */
  credentialsCreate(
    token: Token,
    request: credentials.CreateRequest,
    options?: MethodOptions,
  ): Promise<credentials.CreatedCredential>
  /** v2.2.0.0, 11.5 `credentials/delete`. */
  credentialsDelete(token: Token, request: credentials.DeleteRequest, options?: MethodOptions): Promise<void>

  /** 11.10 `signatures/signHash`: a value for each hash, in their order. ECDSA values are as the service gives them: DER. */
  signHash(
    authorisation: SigningAuthorisation,
    request: hashes.SignHashRequest,
    options?: SigningOptions,
  ): Promise<readonly Uint8Array<ArrayBuffer>[]>
  /** The same, without waiting: the name under which the result can be fetched. */
  signHashLater(
    authorisation: SigningAuthorisation,
    request: hashes.SignHashRequest & Later,
    options?: SigningOptions,
  ): Promise<string>
  /** 11.11 `signatures/signDoc`. Documents of any length, if blobs go in and streams come out. */
  signDoc(
    authorisation: SigningAuthorisation,
    request: documents.SignDocRequest,
    options?: documents.SignDocOptions,
  ): Promise<documents.SignedObjects>
  /** The same, without waiting: the name under which the result can be fetched. */
  signDocLater(
    authorisation: SigningAuthorisation,
    request: documents.SignDocRequest & Later,
    options?: SigningOptions,
  ): Promise<string>
  /** 11.12 `signatures/signPolling`. */
  signPolling(
    service: Token | undefined,
    request: documents.PollingRequest,
    options?: documents.PollingOptions,
  ): Promise<documents.PollingResult | documents.StillRunning>
  /** Asks `signPolling` until it is done. End it with a signal. */
  finished(
    service: Token | undefined,
    request: documents.PollingRequest,
    options?: documents.PollingOptions,
  ): Promise<documents.PollingResult>
  /** 11.13 `signatures/timestamp`: the DER time-stamp token. */
  timestamp(
    service: Token | undefined,
    request: TimestampRequest,
    options?: MethodOptions,
  ): Promise<Uint8Array<ArrayBuffer>>

  /** Natsuin's own: the evidence of a signature, as a JSON value. */
  evidence(
    service: Token,
    request: { readonly credentialID: string; readonly signature: Uint8Array },
    options?: CallOptions,
  ): Promise<unknown>
}

const TIMEOUT_MS = 30_000

/** A client of one service, for one application. It keeps no tokens; every call says by which it is made. */
export function createCscClient(options: CscClientOptions): CscClient {
  const {
    dpopKey,
    timeoutMs = TIMEOUT_MS,
    retry,
    fetch = (url, init) => globalThis.fetch(url, init),
  } = options
  const prover = dpopKey && new DpopProver(dpopKey)
  const policy = { ...RETRY_POLICY, ...retry }
  const connection = new Connection({ fetch, timeoutMs, policy, prover })
  const service = new CscService(connection, options.baseUrl)
  const oauth = new OAuthClient({ ...options, connection, service })
  return { ...oauthMethods(oauth), ...cscMethods(service) }
}

type OAuthMethods = Pick<
  CscClient,
  | 'beginServiceAuthorisation'
  | 'beginCredentialAuthorisation'
  | 'finishAuthorisation'
  | 'clientCredentials'
  | 'refresh'
  | 'revoke'
>

function oauthMethods(oauth: OAuthClient): OAuthMethods {
  return {
    beginServiceAuthorisation: (options = {}) => oauth.beginService(options),
    beginCredentialAuthorisation: (request, options = {}) => oauth.beginCredential(request, options),
    finishAuthorisation: (pending, cameBackTo, options = {}) => oauth.finish(pending, cameBackTo, options),
    clientCredentials: (options = {}) => oauth.clientCredentials(options),
    refresh: (token, options = {}) => oauth.refresh(token, options),
    revoke: (token, what = 'access-token', options = {}) => oauth.revoke(token, what, options),
  }
}

function cscMethods(csc: CscService): Omit<CscClient, keyof OAuthMethods> {
  return {
    edition: (options = {}) => csc.edition(options),
    info: async (options = {}) => (await csc.ask(options)).info,
    authLogin: (by, options = {}) => logIn.authLogin(csc, by, options),
    authRevoke: (token, what = 'access-token', options = {}) => logIn.authRevoke(csc, token, what, options),
    credentialsList: (token, request = {}, options = {}) =>
      credentials.credentialsList(csc, token, request, options),
    credentialsInfo: (token, request, options = {}) =>
      credentials.credentialsInfo(csc, token, request, options),
    credentialsAuthorize: (token, request, options = {}) =>
      authorizing.credentialsAuthorize(csc, token, request, options),
    credentialsAuthorizeCheck: (token, pending, options = {}) =>
      authorizing.credentialsAuthorizeCheck(csc, token, pending, options),
    approved: (token, answer, options = {}) => authorizing.approved(csc, token, answer, options),
    credentialsGetChallenge: (token, request, options = {}) =>
      authorizing.credentialsGetChallenge(csc, token, request, options),
    credentialsExtendTransaction: (token, request, options = {}) =>
      authorizing.credentialsExtendTransaction(csc, token, request, options),
    credentialsCreate: (token, request, options = {}) =>
      credentials.credentialsCreate(csc, token, request, options),
    credentialsDelete: (token, request, options = {}) =>
      credentials.credentialsDelete(csc, token, request, options),
    signHash: (by, request, options = {}) => hashes.signHash(csc, by, request, options),
    signHashLater: (by, request, options = {}) => hashes.signHashLater(csc, by, request, options),
    signDoc: (by, request, options = {}) => documents.signDoc(csc, by, request, options),
    signDocLater: (by, request, options = {}) => documents.signDocLater(csc, by, request, options),
    signPolling: (token, request, options = {}) => documents.signPolling(csc, token, request, options),
    finished: (token, request, options = {}) => documents.finished(csc, token, request, options),
    timestamp: (token, request, options = {}) => timestamp(csc, token, request, options),
    evidence: (token, request, options = {}) => askEvidence(csc, token, request, options),
  }
}
