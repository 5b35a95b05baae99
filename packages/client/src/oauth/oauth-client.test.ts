import assert from 'node:assert/strict'
import { createHash, createHmac, createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { afterEach, describe, it } from 'node:test'
import { type CscClientOptions, createCscClient } from '../client.ts'
import { type Script, type ScriptedService, type Seen, startService } from '../test-kit.ts'
import { accountToken } from './account-token.ts'
import { newDpopKey } from './dpop.ts'
import { requestSigner } from './request-object.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const hash = new Uint8Array(32).fill(0xfb)
const asked = { credentialID: 'c', hashAlgorithmOID: SHA256, documentDigests: [{ hash, label: '契約書' }] }
const TOKEN = { body: { access_token: 'at', token_type: 'Bearer', expires_in: 60 } }
const PUSHED = { status: 201, body: { request_uri: 'urn:r:1', expires_in: 60 } }
const PUSHES = ['oauth2/authorize', 'oauth2/pushed_authorize', 'oauth2/token']
const OVERLOADED = {
  status: 503,
  headers: { 'retry-after': '0' },
  body: { error: 'temporarily_unavailable' },
}

const opened: ScriptedService[] = []
afterEach(() => Promise.all(opened.splice(0).map(one => one.close())))

async function open(
  { info = {}, edition = 'v2', ...script }: { info?: object; edition?: string; script?: Script },
  options: Partial<CscClientOptions> = {},
) {
  const service = await startService(url => ({
    [`/csc/${edition}/info`]: { body: { specs: '2.0.0.0', methods: PUSHES, oauth2: `${url}/`, ...info } },
    '/oauth2/pushed_authorize': PUSHED,
    '/oauth2/token': TOKEN,
    '/oauth2/revoke': { status: 204 },
    ...script.script,
  }))
  opened.push(service)
  const client = createCscClient({
    baseUrl: `${service.url}/csc/${edition}/`,
    clientId: 'app',
    redirectUri: 'https://app.example/back',
    retry: { firstPauseMs: 1 },
    ...options,
  })
  return { service, client }
}

const cameBack = (state: string, more: Record<string, string>) =>
  `https://app.example/back?${new URLSearchParams({ state, ...more })}`

function jwtParts(text: string) {
  const [header = '', claims = '', signature = ''] = text.split('.')
  const open = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return {
    header: open(header),
    claims: open(claims),
    input: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

const proofIn = ({ headers }: Seen) => jwtParts(String(headers['dpop']))

async function signingPair() {
  return await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
}

describe('an authorisation for signatures', () => {
  it('is pushed with authorization_details, where the service takes both', async () => {
    const { service, client } = await open({})
    const { url, pending } = await client.beginCredentialAuthorisation(asked, { lang: 'ja' })
    assert.equal(url, `${service.url}/oauth2/authorize?client_id=app&request_uri=urn%3Ar%3A1`)
    const form = Object.fromEntries(service.to('/oauth2/pushed_authorize')[0]?.form ?? [])
    const detail = {
      type: 'credential',
      credentialID: 'c',
      hashAlgorithmOID: SHA256,
      documentDigests: [{ label: '契約書', hash: Buffer.from(hash).toString('base64') }],
    }
    assert.deepEqual(JSON.parse(form['authorization_details'] ?? ''), [detail])
    const challenge = createHash('sha256').update(pending.verifier).digest('base64url')
    assert.deepEqual(
      [form['code_challenge'], form['code_challenge_method'], form['lang']],
      [challenge, 'S256', 'ja'],
    )
    const token = await client.finishAuthorisation(pending, cameBack(pending.state, { code: 'k' }))
    assert.deepEqual(token, { accessToken: 'at', type: 'Bearer', expiresInSeconds: 60 })
    const redeemed = Object.fromEntries(service.to('/oauth2/token')[0]?.form ?? [])
    assert.deepEqual([redeemed['code'], redeemed['code_verifier']], ['k', pending.verifier])
    assert.deepEqual(JSON.parse(redeemed['authorization_details'] ?? ''), [detail])
  })

  it('has the type of the edition that the service names', async () => {
    const { service, client } = await open({ info: { specs: '2.2.0.0', supportsRar: true } })
    await client.beginCredentialAuthorisation(asked)
    const [detail] = JSON.parse(
      service.to('/oauth2/pushed_authorize')[0]?.form.get('authorization_details') ?? '',
    )
    assert.equal(detail.type, 'https://cloudsignatureconsortium.org/2025/credential')
    assert.equal(detail.numSignatures, 1)
  })

  it('is parameters of scope credential in the URL, where the service takes neither', async () => {
    const { client } = await open({ info: { methods: ['oauth2/authorize'] } })
    const url = new URL((await client.beginCredentialAuthorisation(asked)).url)
    const { hashes, hashAlgorithmOID, scope, numSignatures, authorization_details } = Object.fromEntries(
      url.searchParams,
    )
    assert.deepEqual(
      [hashes, hashAlgorithmOID, scope, numSignatures, authorization_details],
      [Buffer.from(hash).toString('base64url'), SHA256, 'credential', '1', undefined],
    )
    const { client: other } = await open({ info: { methods: [] } }, { hashesSpelling: 'base64' })
    const inBase64 = new URL((await other.beginCredentialAuthorisation(asked)).url).searchParams.get('hashes')
    assert.equal(inBase64, Buffer.from(hash).toString('base64'))
  })

  it('has the spelling of v1 at a service of v1, and the token that v1 calls a SAD', async () => {
    const sad = { body: { access_token: 'sad', token_type: 'SAD' } }
    const { service, client } = await open({
      edition: 'v1',
      info: { specs: '1.0.3.0', methods: [] },
      script: { '/oauth2/token': sad },
    })
    const { url, pending } = await client.beginCredentialAuthorisation(asked)
    const query = Object.fromEntries(new URL(url).searchParams)
    assert.deepEqual(
      [query['hash'], query['hashes'], query['hashAlgorithmOID']],
      [Buffer.from(hash).toString('base64url'), undefined, undefined],
    )
    const token = await client.finishAuthorisation(pending, cameBack(pending.state, { code: 'k' }))
    assert.deepEqual(token, { accessToken: 'sad', type: 'SAD', expiresInSeconds: 3600 })
    assert.equal(service.to('/oauth2/pushed_authorize').length, 0)
  })

  it('is pushed again after a refusal that passes, each time as a request object of its own', async () => {
    const { privateKey } = await signingPair()
    const { service, client } = await open(
      { script: { '/oauth2/pushed_authorize': [OVERLOADED, PUSHED] } },
      { requestSigner: requestSigner('key-1', privateKey) },
    )
    await client.beginCredentialAuthorisation(asked)
    const pushed = service
      .to('/oauth2/pushed_authorize')
      .map(({ form }) => jwtParts(form.get('request') ?? ''))
    assert.equal(new Set(pushed.map(({ claims }) => claims.jti)).size, 2)
    assert.equal(pushed[0]?.claims.aud, service.url)
    assert.equal(service.to('/oauth2/pushed_authorize')[0]?.form.get('authorization_details'), null)
  })
})

describe('what comes back through the browser', () => {
  it('T-OA-08 counts when state and issuer are those of the request, and not otherwise (RFC 9207; RFC 9700, 4.4, 4.7)', async () => {
    const { service, client } = await open({})
    const { pending } = await client.beginServiceAuthorisation()
    const { state } = pending
    const foreign = [
      cameBack('other', { code: 'k' }),
      cameBack(state, { code: 'k', iss: 'https://evil.example' }),
    ]
    for (const url of foreign) {
      await assert.rejects(client.finishAuthorisation(pending, url), { code: 'invalid_request', status: 0 })
    }
    assert.equal(service.to('/oauth2/token').length, 0)
    await client.finishAuthorisation(pending, cameBack(state, { code: 'k', iss: service.url }))
    const refused = cameBack(state, { error: 'access_denied', error_description: 'No.' })
    await assert.rejects(client.finishAuthorisation(pending, refused), {
      code: 'access_denied',
      description: 'No.',
    })
  })

  it('T-OA-08 has to name an issuer that says that it always does', async () => {
    const metadata = (url: string, members = {}) => ({
      body: {
        issuer: `${url}/as`,
        authorization_endpoint: `${url}/a`,
        token_endpoint: `${url}/oauth2/token`,
        authorization_response_iss_parameter_supported: true,
        ...members,
      },
    })
    const service = await startService(url => ({
      '/csc/v2/info': { body: { specs: '2.0.0.0', oauth2Issuer: `${url}/as`, methods: [] } },
      '/.well-known/oauth-authorization-server/as': metadata(url),
      '/oauth2/token': TOKEN,
    }))
    opened.push(service)
    const options = {
      baseUrl: `${service.url}/csc/v2/`,
      clientId: 'app',
      redirectUri: 'https://app.example/back',
    }
    const client = createCscClient(options)
    const { url, pending } = await client.beginServiceAuthorisation()
    assert.ok(url.startsWith(`${service.url}/a?`))
    const silent = cameBack(pending.state, { code: 'k' })
    await assert.rejects(client.finishAuthorisation(pending, silent), { code: 'invalid_request' })
    await client.finishAuthorisation(pending, `${silent}&iss=${encodeURIComponent(`${service.url}/as`)}`)
    const other = createCscClient({ ...options, issuer: `${service.url}/as/` })
    await assert.rejects(other.beginServiceAuthorisation(), { name: 'UnexpectedAnswer' })
  })

  it('is redeemed once: a lost answer is not asked for again, a refusal that passes is', async () => {
    const { service, client } = await open({
      script: { '/oauth2/token': [OVERLOADED, { hangsUp: true }, TOKEN] },
    })
    const { pending } = await client.beginServiceAuthorisation()
    await assert.rejects(client.finishAuthorisation(pending, cameBack(pending.state, { code: 'k' })), {
      code: 'connection-lost',
    })
    assert.equal(service.to('/oauth2/token').length, 2)
  })
})

describe('the application shows that it is itself', () => {
  it('by its secret, in the body or in the header, encoded as RFC 6749 wants it', async () => {
    const secret = 's e/c:ret+'
    const inBody = await open({}, { authentication: { method: 'client_secret_post', secret } })
    await inBody.client.clientCredentials()
    const { form } = inBody.service.to('/oauth2/token')[0] ?? {}
    assert.deepEqual(Object.fromEntries(form ?? []), {
      grant_type: 'client_credentials',
      scope: 'service',
      client_id: 'app',
      client_secret: secret,
    })
    const inHeader = await open({}, { authentication: { method: 'client_secret_basic', secret } })
    await inHeader.client.clientCredentials()
    const [seen] = inHeader.service.to('/oauth2/token')
    assert.equal(seen?.form.get('client_secret'), null)
    const shown = Buffer.from(seen?.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()
    assert.equal(shown, 'app:s+e%2Fc%3Aret%2B')
  })

  it('by an assertion for each attempt, whose audience is the issuer (RFC 7523)', async () => {
    const { privateKey, publicKey } = await signingPair()
    const signer = requestSigner('key-1', privateKey)
    const { service, client } = await open(
      { script: { '/oauth2/token': [OVERLOADED, TOKEN] } },
      { authentication: { method: 'private_key_jwt', signer } },
    )
    await client.clientCredentials()
    const assertions = service
      .to('/oauth2/token')
      .map(({ form }) => jwtParts(form.get('client_assertion') ?? ''))
    assert.equal(new Set(assertions.map(({ claims }) => claims.jti)).size, 2)
    const [one] = assertions
    assert.deepEqual([one?.claims.iss, one?.claims.sub, one?.claims.aud], ['app', 'app', service.url])
    const key = createPublicKey({
      key: (await crypto.subtle.exportKey('jwk', publicKey)) as JsonWebKey,
      format: 'jwk',
    })
    const options = { key, dsaEncoding: 'ieee-p1363' } as const
    assert.ok(verify('sha256', one?.input ?? Buffer.of(), options, one?.signature ?? Buffer.of()))
  })

  it('is not authenticated as a public client, whose id alone is said', async () => {
    const { service, client } = await open({})
    await client.revoke(
      { accessToken: 'at', refreshToken: 'rt', type: 'Bearer', expiresInSeconds: 1 },
      'refresh-token',
    )
    assert.deepEqual(Object.fromEntries(service.to('/oauth2/revoke')[0]?.form ?? []), {
      token: 'rt',
      token_type_hint: 'refresh_token',
      client_id: 'app',
    })
  })
})

describe('a refreshed token', () => {
  it('keeps its refresh token where the service gives no other, and is not asked for twice', async () => {
    const { service, client } = await open({ script: { '/oauth2/token': [TOKEN, { hangsUp: true }] } })
    const old = { accessToken: 'old', refreshToken: 'rt', type: 'Bearer', expiresInSeconds: 1 } as const
    const token = await client.refresh(old)
    assert.deepEqual([token.accessToken, token.refreshToken], ['at', 'rt'])
    await assert.rejects(client.refresh(token), { code: 'connection-lost' })
    assert.equal(service.to('/oauth2/token').length, 2)
    await assert.rejects(client.refresh({ accessToken: 'x', type: 'Bearer', expiresInSeconds: 1 }), TypeError)
  })
})

describe('tokens that are bound to a key (RFC 9449)', () => {
  it('are proved in every request with the newest nonce, and once more when that alone lacked', async () => {
    const key = await newDpopKey()
    const wantsNonce = { status: 400, headers: { 'dpop-nonce': 'n1' }, body: { error: 'use_dpop_nonce' } }
    const bound = {
      headers: { 'dpop-nonce': 'n2' },
      body: { access_token: 'at', token_type: 'DPoP', expires_in: 60 },
    }
    const newNonce = {
      status: 401,
      headers: { 'dpop-nonce': 'n3', 'www-authenticate': 'DPoP error="use_dpop_nonce"' },
      body: { error: 'invalid_token' },
    }
    const signed = { body: { signatures: ['AQI='] } }
    const { service, client } = await open(
      { script: { '/oauth2/token': [wantsNonce, bound], '/csc/v2/signatures/signHash': [newNonce, signed] } },
      { dpopKey: key },
    )
    const token = await client.clientCredentials()
    assert.equal(token.type, 'DPoP')
    await client.signHash(token, { credentialID: 'c', hashes: [hash], signAlgo: '1' })
    const proofs = [...service.to('/oauth2/token'), ...service.to('/csc/v2/signatures/signHash')].map(proofIn)
    assert.deepEqual(
      proofs.map(({ claims }) => claims.nonce),
      [undefined, 'n1', 'n2', 'n3'],
    )
    assert.equal(new Set(proofs.map(({ claims }) => claims.jti)).size, 4)
    const ath = createHash('sha256').update('at').digest('base64url')
    assert.deepEqual([proofs[0]?.claims.ath, proofs[3]?.claims.ath], [undefined, ath])
    assert.deepEqual(proofs[3]?.header, { typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk })
    assert.equal(proofs[3]?.claims.htu, `${service.url}/csc/v2/signatures/signHash`)
    assert.equal(service.to('/csc/v2/signatures/signHash')[0]?.headers.authorization, 'DPoP at')
  })

  it('come of codes that are bound to it: the request says its thumbprint (RFC 7638)', async () => {
    const key = await newDpopKey()
    const { service, client } = await open({}, { dpopKey: key })
    await client.beginServiceAuthorisation()
    const { crv, kty, x, y } = key.publicJwk
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
    const [pushed] = service.to('/oauth2/pushed_authorize')
    assert.equal(pushed?.form.get('dpop_jkt'), thumbprint)
    assert.equal(proofIn(pushed as Seen).claims.htm, 'POST')
  })

  it('are given up when the service is never content with a nonce', async () => {
    const never = { status: 400, headers: { 'dpop-nonce': 'n' }, body: { error: 'use_dpop_nonce' } }
    const { service, client } = await open(
      { script: { '/oauth2/token': never } },
      { dpopKey: await newDpopKey() },
    )
    await assert.rejects(client.clientCredentials(), { code: 'use_dpop_nonce' })
    assert.equal(service.to('/oauth2/token').length, 2)
  })
})

describe('account_token', () => {
  it('is a JWT under the digest of the secret (CSC API v2.0.0.2, 8.4.2)', async () => {
    const token = await accountToken({ clientId: 'app', clientSecret: 'secret', accountId: 'a-1' })
    const { header, claims, input, signature } = jwtParts(token)
    assert.deepEqual(header, { typ: 'JWT', alg: 'HS256' })
    assert.deepEqual(
      [claims.sub, claims.azp, claims.iss, typeof claims.jti],
      ['a-1', 'app', undefined, 'string'],
    )
    const key = createHash('sha256').update('secret').digest()
    assert.deepEqual(signature, createHmac('sha256', key).update(input).digest())
  })
})
