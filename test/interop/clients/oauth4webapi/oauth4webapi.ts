/**
 * oauth4webapi, which checks every answer as the RFCs have it: a client of FAPI 2.0, with pushed requests, an assertion that
 * it signed and tokens bound to its key, has something signed.
 */
import { verify, X509Certificate } from 'node:crypto'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import {
  detailFor,
  ECDSA_SHA256_OID,
  REDIRECT_URI,
  type TestDocument,
  testDocuments,
} from '@natsuin/testing/deployment'
import * as oauth from 'oauth4webapi'
import manifest from 'oauth4webapi/package.json' with { type: 'json' }
import { type RealClient, type Step, wordOf } from '../client.ts'
import { APPLICATIONS, FAPI_KEY, type Stage, signerAnswers } from '../stage.ts'

const FINDS = 'finds the authorization server by its metadata (RFC 8414)'
const LOGS_IN = 'gets a bound token of scope service (RFC 7523, RFC 7636, RFC 9126, RFC 9207, RFC 9449)'
const GETS_SAD = 'pushes authorization_details and gets a bound credential token (RFC 9396)'
const SIGNS = 'has signatures/signHash sign with proofs of its key, and the signature verifies'
const BEARS = 'is refused when the bound token comes without a proof'
const REVOKES = 'revokes its token (RFC 7009)'

export const oauth4webapi: RealClient = {
  name: 'oauth4webapi',
  version: manifest.version,
  speaks: 'OAuth 2.0 as FAPI 2.0 has it, and v2',
  does: [FINDS, LOGS_IN, GETS_SAD, SIGNS, BEARS, REVOKES],
  limits: [
    {
      what: REVOKES,
      says: /unexpected HTTP status code/,
      why: 'CSC API v2.0.0.2, 8.4.5 has 204 for what is 200 in RFC 7009, 2.2; it takes 200 alone. The token is revoked.',
    },
  ],
  async *run(stage) {
    const session = await discover(stage)
    yield passed(FINDS, session.as.issuer === stage.deployment.urls.server ? 'found' : session.as.issuer)
    const service = await serviceToken(session)
    yield passed(LOGS_IN, told(service))
    const document = testDocuments(1)
    const credential = await credentialToken(session, detailFor(stage.alice.credentialId, document))
    yield passed(GETS_SAD, told(credential))
    yield await signed(session, { service, credential, document })
    yield await bears(session, service)
    yield await revoked(session, service)
  },
}

interface Session {
  readonly stage: Stage
  readonly as: oauth.AuthorizationServer
  readonly client: oauth.Client
  /** By which it proves who it is. */
  readonly authentication: oauth.ClientAuth
  /** Of the key that its tokens are bound to. */
  readonly DPoP: oauth.DPoPHandle
}

const passed = (what: string, word: string): Step => ({ what, passed: true, word })

const told = ({ token_type, scope }: oauth.TokenEndpointResponse) => [token_type, scope].join(' ')

async function discover(stage: Stage): Promise<Session> {
  const issuer = new URL(stage.deployment.urls.server)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2' })
  const as = await oauth.processDiscoveryResponse(issuer, response)
  const client: oauth.Client = { client_id: APPLICATIONS.fapiClient.id }
  const { kid, privateKey } = FAPI_KEY
  const der = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  return {
    stage,
    as,
    client,
    authentication: oauth.PrivateKeyJwt({ kid, key }),
    DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')),
  }
}

async function serviceToken(session: Session): Promise<oauth.TokenEndpointResponse> {
  return codeFlow(session, { scope: 'service' }, signerAnswers(session.stage).logIn)
}

async function credentialToken(session: Session, detail: AuthorizationDetail) {
  const parameters = { authorization_details: JSON.stringify([detail]) }
  return codeFlow(session, parameters, signerAnswers(session.stage).approve)
}

/** @param browse  what the browser does with the authorization URL, up to the redirect */
async function codeFlow(
  session: Session,
  parameters: Readonly<Record<string, string>>,
  browse: (url: string) => Promise<string>,
): Promise<oauth.TokenEndpointResponse> {
  const { as, client, authentication, DPoP } = session
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const request_uri = await push(session, {
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri }).toString()
  const callback = oauth.validateAuthResponse(as, client, new URL(await browse(url.href)), state)
  return withNonce(async () => {
    const answer = await oauth.authorizationCodeGrantRequest(
      ...[as, client, authentication, callback, REDIRECT_URI, verifier],
      { DPoP },
    )
    return oauth.processAuthorizationCodeResponse(as, client, answer)
  })
}

function push(
  { as, client, authentication, DPoP }: Session,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  return withNonce(async () => {
    const answer = await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, { DPoP })
    return (await oauth.processPushedAuthorizationResponse(as, client, answer)).request_uri
  })
}

/** As the library's documentation has it: the first refusal brings the nonce, which it then knows. */
async function withNonce<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (oauth.isDPoPNonceError(error)) return request()
    throw error
  }
}

interface Tokens {
  readonly service: oauth.TokenEndpointResponse
  readonly credential: oauth.TokenEndpointResponse
  readonly document: readonly TestDocument[]
}

async function signed(session: Session, { service, credential, document }: Tokens): Promise<Step> {
  const credentialID = session.stage.alice.credentialId
  const info = (await call(session, service, 'credentials/info', { credentialID })) as {
    cert: { certificates: readonly string[] }
  }
  const hashes = document.map(({ digest }) => digest.hash)
  const body = { credentialID, hashes, signAlgo: ECDSA_SHA256_OID }
  const { signatures } = (await call(session, credential, 'signatures/signHash', body)) as {
    signatures: readonly string[]
  }
  const { publicKey } = new X509Certificate(Buffer.from(info.cert.certificates[0] ?? '', 'base64'))
  const verified = document.every(({ dtbs }, i) =>
    verify('sha256', dtbs, publicKey, Buffer.from(signatures[i] ?? '', 'base64')),
  )
  return { what: SIGNS, passed: verified, word: verified ? 'verified' : 'the signature does not verify' }
}

function call(session: Session, token: oauth.TokenEndpointResponse, method: string, body: object) {
  const { DPoP } = session
  return withNonce(async () => {
    const response = await request(session, token, { method, body, DPoP })
    if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`)
    return response.json()
  })
}

interface Asked {
  readonly method: string
  readonly body: object
  readonly DPoP?: oauth.DPoPHandle
}

function request(
  { stage }: Session,
  { access_token }: oauth.TokenEndpointResponse,
  { method, body, DPoP }: Asked,
): Promise<Response> {
  const headers = new Headers({ 'content-type': 'application/json' })
  const url = new URL(method, stage.deployment.urls.csc)
  return oauth.protectedResourceRequest(
    ...[access_token, 'POST', url, headers, JSON.stringify(body)],
    DPoP === undefined ? {} : { DPoP },
  )
}

async function bears(session: Session, token: oauth.TokenEndpointResponse): Promise<Step> {
  try {
    const { status } = await request(session, token, { method: 'credentials/list', body: {} })
    return { what: BEARS, passed: false, word: `answered ${status}` }
  } catch (error) {
    const refused = error instanceof oauth.WWWAuthenticateChallengeError
    return {
      what: BEARS,
      passed: refused && error.status === 401,
      word: refused ? `${error.status}` : wordOf(error),
    }
  }
}

async function revoked(
  { as, client, authentication }: Session,
  { access_token }: oauth.TokenEndpointResponse,
): Promise<Step> {
  const response = await oauth.revocationRequest(as, client, authentication, access_token)
  try {
    await oauth.processRevocationResponse(response)
    return passed(REVOKES, 'revoked')
  } catch (error) {
    return { what: REVOKES, passed: false, word: wordOf(error) }
  }
}
