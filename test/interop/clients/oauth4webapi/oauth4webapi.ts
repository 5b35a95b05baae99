/** oauth4webapi, which checks every answer as the RFCs have it: a client with PAR, RAR and PKCE, and a signature. */
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
import { APPLICATIONS, type Stage, signerAnswers } from '../stage.ts'

const FINDS = 'finds the authorization server by its metadata (RFC 8414)'
const LOGS_IN = 'gets a token of scope service (PKCE, RFC 9207)'
const GETS_SAD = 'pushes authorization_details and gets a credential token (RFC 9126, RFC 9396)'
const SIGNS = 'has signatures/signHash sign, and the signature verifies'
const REVOKES = 'revokes its token (RFC 7009)'

export const oauth4webapi: RealClient = {
  name: 'oauth4webapi',
  version: manifest.version,
  speaks: 'OAuth 2.0 and v2',
  does: [FINDS, LOGS_IN, GETS_SAD, SIGNS, REVOKES],
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
    yield await revoked(session, service)
  },
}

interface Session {
  readonly stage: Stage
  readonly as: oauth.AuthorizationServer
  readonly client: oauth.Client
}

const AUTHENTICATION = oauth.None()

const passed = (what: string, word: string): Step => ({ what, passed: true, word })

const told = ({ token_type, scope }: oauth.TokenEndpointResponse) => [token_type, scope].join(' ')

async function discover(stage: Stage): Promise<Session> {
  const issuer = new URL(stage.deployment.urls.server)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2' })
  const as = await oauth.processDiscoveryResponse(issuer, response)
  return { stage, as, client: { client_id: APPLICATIONS.publicClient.id } }
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
  { as, client }: Session,
  parameters: Readonly<Record<string, string>>,
  browse: (url: string) => Promise<string>,
): Promise<oauth.TokenEndpointResponse> {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const pushed = await oauth.pushedAuthorizationRequest(as, client, AUTHENTICATION, {
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, pushed)
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri }).toString()
  const callback = oauth.validateAuthResponse(as, client, new URL(await browse(url.href)), state)
  const answer = await oauth.authorizationCodeGrantRequest(
    ...[as, client, AUTHENTICATION, callback, REDIRECT_URI, verifier],
  )
  return oauth.processAuthorizationCodeResponse(as, client, answer)
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

async function call({ stage }: Session, token: oauth.TokenEndpointResponse, method: string, body: object) {
  const response = await oauth.protectedResourceRequest(
    token.access_token,
    'POST',
    new URL(method, stage.deployment.urls.csc),
    new Headers({ 'content-type': 'application/json' }),
    JSON.stringify(body),
  )
  if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`)
  return response.json()
}

async function revoked(
  { as, client }: Session,
  { access_token }: oauth.TokenEndpointResponse,
): Promise<Step> {
  const response = await oauth.revocationRequest(as, client, AUTHENTICATION, access_token)
  try {
    await oauth.processRevocationResponse(response)
    return passed(REVOKES, 'revoked')
  } catch (error) {
    return { what: REVOKES, passed: false, word: wordOf(error) }
  }
}
