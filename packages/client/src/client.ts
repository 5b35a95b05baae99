/**
 * The CSC client: discovery, authorisation, credentials, signatures (CSC API v2.0.0.2, 11).
 *
 * Runs in a browser and in Node. It never repeats a call on its own: whether a call that may have signed can be
 * sent again is the application's decision, and `signHash` with the same `idempotencyKey` is how to make it.
 */
import type {
  AuthorizationDetail,
  CredentialInfo,
  CredentialsListRequest,
  CredentialsListResponse,
  InfoResponse,
  SignHashRequest,
} from '@natsuin/protocol/csc'
import {
  type BegunAuthorisation,
  beginCredential,
  beginService,
  finish,
  type OAuthSettings,
  type PendingAuthorisation,
  revoke,
  type Token,
} from './authorisation.ts'
import { UnexpectedAnswer } from './csc-error.ts'
import { exchange, type Fetch } from './http.ts'
import type { RequestSigner } from './request-object.ts'

export interface CscClientOptions {
  /** Base of the API, `https://…/csc/v2/`. */
  readonly baseUrl: string
  readonly clientId: string
  /** Only for confidential clients; a browser has none. */
  readonly clientSecret?: string
  readonly redirectUri: string
  /** The application vouches for what it asks signatures for: every credential request is signed with this. */
  readonly requestSigner?: RequestSigner
  /** Default: the platform's. */
  readonly fetch?: Fetch
}

export interface CscClient {
  /** 11.1. Needs no authorisation. */
  info(): Promise<InfoResponse>
  beginServiceAuthorisation(): Promise<BegunAuthorisation>
  beginCredentialAuthorisation(details: readonly AuthorizationDetail[]): Promise<BegunAuthorisation>
  /** @param cameBackTo the URL of the redirect, with its query */
  finishAuthorisation(pending: PendingAuthorisation, cameBackTo: string): Promise<Token>
  revoke(token: Token): Promise<void>
  /** 11.4. */
  credentialsList(service: Token, request?: CredentialsListRequest): Promise<CredentialsListResponse>
  /** 11.5. `certificates` is `chain` unless you say otherwise. */
  credentialsInfo(
    service: Token,
    credentialID: string,
    certificates?: 'none' | 'single' | 'chain',
  ): Promise<CredentialInfo>
  /** 11.10. Base64 signature values, in the order of the hashes. */
  signHash(
    credential: Token,
    request: SignHashRequest,
    options?: { idempotencyKey?: string },
  ): Promise<readonly string[]>
  /** Natsuin's own: the evidence of a signature, as a JSON value. `signature` is base64. */
  evidence(service: Token, credentialID: string, signature: string): Promise<unknown>
}

export function createCscClient(options: CscClientOptions): CscClient {
  const base = options.baseUrl.replace(/\/*$/, '/')
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  let discovered: Promise<OAuthSettings> | undefined

  const call = (
    method: string,
    body: object,
    token?: Token,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    exchange(fetch, {
      url: new URL(method, base).href,
      body: JSON.stringify(body),
      contentType: 'application/json',
      headers: { ...headers, ...(token && { authorization: `Bearer ${token.accessToken}` }) },
    })

  // The wire types are the standard's; a server of another mind shows up where its answer is used.
  const info = async () => (await call('info', {})) as InfoResponse

  const discover = async (): Promise<OAuthSettings> => {
    const { oauth2 } = await info()
    if (oauth2 === undefined) throw new UnexpectedAnswer('info names no authorization server')
    const { clientId, clientSecret, redirectUri, requestSigner } = options
    return {
      oauth2,
      clientId,
      redirectUri,
      fetch,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(requestSigner !== undefined && { requestSigner }),
    }
  }
  const settings = () => {
    discovered ??= discover()
    return discovered
  }

  return {
    info,
    beginServiceAuthorisation: async () => beginService(await settings()),
    beginCredentialAuthorisation: async details => beginCredential(await settings(), details),
    finishAuthorisation: async (pending, cameBackTo) => finish(await settings(), pending, cameBackTo),
    revoke: async token => revoke(await settings(), token),
    credentialsList: async (service, request = {}) =>
      (await call('credentials/list', request, service)) as CredentialsListResponse,
    credentialsInfo: async (service, credentialID, certificates = 'chain') =>
      (await call(
        'credentials/info',
        { credentialID, certificates, certInfo: true },
        service,
      )) as CredentialInfo,
    signHash: async (credential, request, { idempotencyKey } = {}) => {
      const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      const answer = (await call('signatures/signHash', request, credential, headers)) as {
        signatures?: unknown
      }
      if (!Array.isArray(answer.signatures)) throw new UnexpectedAnswer('no signatures')
      return answer.signatures.map(String)
    },
    evidence: async (service, credentialID, signature) => {
      const url = new URL('../../natsuin/v1/evidence', base).href
      return ((await call(url, { credentialID, signature }, service)) as { evidence?: unknown }).evidence
    },
  }
}
