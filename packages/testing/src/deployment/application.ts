/**
 * An application as tests need it: sends what it is told to, well-formed or not, and shows the whole answer.
 *
 * For an application that behaves, use `@natsuin/client`.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { buildSignedAttributes } from '@natsuin/pki/cms'
import { toBase64 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { ApprovalItem, Proof } from '@natsuin/protocol/approval'
import type { AuthorizationDetail, DocumentDigest, Edition } from '@natsuin/protocol/csc'
import type { Deployment } from './deployment.ts'
import { type Body, openProver } from './proofs.ts'
import { type RequestKey, requestClaims, signRequestObject } from './request-objects.ts'
import { approve, itemsFor, logIn, openApproval, type Signer } from './signer.ts'
import { REDIRECT_URI } from './throwaway.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; undefined when the answer was empty. */
  readonly body: unknown
}

/** Parameters of an authorization request; an array repeats the parameter, undefined leaves it out. */
export type RequestParameters = Readonly<Record<string, string | readonly string[] | undefined>>

export interface BegunRequest {
  readonly verifier: string
  readonly parameters: URLSearchParams
}

export interface ApplicationOptions {
  /** Default: the plan's first client. */
  readonly clientId?: string
  readonly redirectUri?: string
  /** Signs what it pushes. */
  readonly key?: RequestKey
  /** Of the CSC API. Default: v2. */
  readonly edition?: Edition
  /** Calls by the base path of this client (default: the common one). */
  readonly ownBasePath?: boolean
  /** With what each form proves who it is. */
  readonly authenticate?: () => RequestParameters
  /** Its tokens are bound to this key, and it proves that it has it with each request (RFC 9449). */
  readonly proofKey?: RequestKey
}

export interface Application {
  readonly clientId: string
  readonly redirectUri: string
  /** Of the edition that `call` speaks; ends with a slash. */
  readonly base: string
  /** POST of JSON to a method of the CSC API. A text is sent as it is. */
  call(
    method: string,
    body: unknown,
    token?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** POST of a form to an OAuth endpoint; `client_id` is filled in unless it is given. */
  form(endpoint: 'pushed_authorize' | 'token' | 'revoke', parameters: RequestParameters): Promise<Answer>
  /** A good request with these parameters changed. */
  begin(parameters: RequestParameters): BegunRequest
  authorizeUrl(parameters: URLSearchParams): string
  /** Pushes a request and returns the authorize URL of its `request_uri`. */
  push(request: BegunRequest): Promise<string>
  redeem(request: BegunRequest, code: string, parameters?: RequestParameters): Promise<Answer>
  /** Logs the signer in. */
  serviceToken(signer: Signer): Promise<string>
  /** Asks for signatures and has the signer approve them. */
  credentialToken(signer: Signer, detail: AuthorizationDetail, options?: ApprovalOptions): Promise<string>
}

export interface ApprovalOptions {
  /** Digests of the prepared documents in front of the signer; without them he approves unseen. */
  readonly documents?: readonly Uint8Array[]
  /** What the page says it approves, instead of what was asked for. */
  readonly items?: readonly ApprovalItem[]
  /** How the signer shows that he approves the statement; without it with his passkey. */
  readonly prove?: (statement: Uint8Array) => Promise<Proof>
}

export function openApplication(deployment: Deployment, options: ApplicationOptions = {}): Application {
  const clientId = options.clientId ?? deployment.plan.clients[0]?.id ?? ''
  const redirectUri = options.redirectUri ?? REDIRECT_URI
  const signed = (key: RequestKey, parameters: URLSearchParams) =>
    signRequestObject(key, claimsOf(parameters, { clientId, issuer: deployment.urls.server }))
  const ask = options.proofKey === undefined ? answerOf : openProver(options.proofKey, answerOf).ask
  const oauth = (name: string) => `${deployment.urls.server}/oauth2/${name}`

  const { edition = 'v2', ownBasePath = false } = options
  const base = `${deployment.urls.server}${ownBasePath ? `/clients/${clientId}` : ''}/csc/${edition}/`

  const application: Application = {
    clientId,
    redirectUri,
    base,
    call: (method, body, token, headers = {}) =>
      ask(`${base}${method}`, typeof body === 'string' ? body : JSON.stringify(body), {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      }),
    form: (endpoint, parameters) =>
      ask(
        oauth(endpoint),
        () => formOf({ client_id: clientId, ...options.authenticate?.(), ...parameters }).toString(),
        {
          'content-type': 'application/x-www-form-urlencoded',
        },
      ),
    begin: parameters => beginRequest(clientId, redirectUri, parameters),
    authorizeUrl: parameters => `${oauth('authorize')}?${parameters}`,
    async push({ parameters }) {
      const { key } = options
      const asked = key === undefined ? repeated(parameters) : { request: signed(key, parameters) }
      const pushed = await application.form('pushed_authorize', asked)
      const { request_uri } = pushed.body as { request_uri?: string }
      if (pushed.status !== 201 || request_uri === undefined) throw new Error(JSON.stringify(pushed.body))
      return application.authorizeUrl(new URLSearchParams({ client_id: clientId, request_uri }))
    },
    redeem: ({ verifier }, code, parameters = {}) =>
      application.form('token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...parameters,
      }),
    async serviceToken(signer) {
      const request = application.begin({ scope: 'service' })
      const url = application.authorizeUrl(request.parameters)
      return tokenOf(
        await application.redeem(request, codeOf(await logIn(deployment, signer, url, redirectUri))),
      )
    },
    async credentialToken(signer, detail, { documents = [], items, prove } = {}) {
      const request = application.begin({ authorization_details: JSON.stringify([detail]) })
      const shown = await openApproval(deployment, signer, await application.push(request))
      const approved = { items: items ?? itemsFor(shown, documents), redirectUri, ...(prove && { prove }) }
      return tokenOf(
        await application.redeem(request, codeOf(await approve(deployment, signer, shown, approved))),
      )
    },
  }
  return application
}

/** The `code` in the URL a browser came back to. @throws when it came back with an error */
export function codeOf(url: string): string {
  const answer = new URL(url).searchParams
  const code = answer.get('code')
  if (code === null) throw new Error(`${answer.get('error')}: ${answer.get('error_description')}`)
  return code
}

export function tokenOf({ status, body }: Answer): string {
  const { access_token: token } = (body ?? {}) as { access_token?: string }
  if (status !== 200 || token === undefined) throw new Error(`${status} ${JSON.stringify(body)}`)
  return token
}

/** A document that exists only as its signed attributes, which the key signs or the digest of which it signs. */
export interface TestDocument {
  readonly dtbs: Uint8Array
  readonly dtbsr: Uint8Array
  /** What a page computes over the prepared document, to find it *seen*. */
  readonly documentDigest: Uint8Array
  readonly digest: DocumentDigest
}

/** Documents with random content. */
export function testDocuments(count: number, algorithm: DigestAlgorithm = 'sha256'): TestDocument[] {
  return Array.from({ length: count }, (_, i) => testDocument(`Document ${i + 1}.pdf`, algorithm))
}

function testDocument(label: string, algorithm: DigestAlgorithm): TestDocument {
  const documentDigest = new Uint8Array(randomBytes(32))
  const signingCertificate = {
    digestAlgorithm: 'sha256',
    certificateHash: new Uint8Array(randomBytes(32)),
  } as const
  const dtbs = buildSignedAttributes({ messageDigest: documentDigest, signingCertificate })
  const dtbsr = digestSync(algorithm, dtbs)
  const encoded = { hash: toBase64(dtbsr), dtbs: toBase64(dtbs), documentDigest: toBase64(documentDigest) }
  return { dtbs, dtbsr, documentDigest, digest: { ...encoded, label } }
}

export const SHA256_OID = '2.16.840.1.101.3.4.2.1'
export const ECDSA_SHA256_OID = '1.2.840.10045.4.3.2'

/** The request for these documents to be signed. */
export function detailFor(
  credentialID: string,
  documents: readonly Pick<TestDocument, 'digest'>[],
  hashAlgorithmOID = SHA256_OID,
): AuthorizationDetail {
  return {
    type: 'credential',
    credentialID,
    documentDigests: documents.map(({ digest }) => digest),
    hashAlgorithmOID,
  }
}

function beginRequest(clientId: string, redirectUri: string, parameters: RequestParameters): BegunRequest {
  const verifier = randomBytes(32).toString('base64url')
  const good = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state: randomBytes(8).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  return { verifier, parameters: formOf({ ...good, ...parameters }) }
}

/** The parameters as RFC 9101, 4 has them in a request object. */
function claimsOf(parameters: URLSearchParams, parties: { clientId: string; issuer: string }) {
  const { authorization_details: details, ...rest } = Object.fromEntries(parameters)
  const detail = details === undefined ? undefined : JSON.parse(details)[0]
  return { ...rest, ...requestClaims({ ...parties, detail }) }
}

function formOf(parameters: RequestParameters): URLSearchParams {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  )
  return new URLSearchParams(pairs)
}

function repeated(parameters: URLSearchParams): RequestParameters {
  return Object.fromEntries([...new Set(parameters.keys())].map(name => [name, parameters.getAll(name)]))
}

export async function answerOf(
  url: string,
  body: Body,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const written = typeof body === 'function' ? body() : body
  const response = await fetch(url, { method: 'POST', body: written, headers, redirect: 'manual' })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}
