/**
 * How a client proves who it is, and what it gets beside codes: refresh tokens and tokens of its own. RFC 6749, 2.3, 4.4
 * and 6; RFC 7523; CSC API v2.0.0.2, 8.4; FAPI 2.0 Security Profile, 5.3.2.1. Ids: catalogue O-06, threats T-OA.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { REQUEST_OBJECT_TYPE } from '@natsuin/protocol/request'
import {
  type Answer,
  type Application,
  approve,
  assertionClaims,
  classOf,
  clientAssertion,
  codeOf,
  createRequestKey,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSealer,
  enrolSigner,
  itemsFor,
  logIn,
  ORGANISATION,
  openApplication,
  openApproval,
  openBrowser,
  REDIRECT_URI,
  type RequestKey,
  type RequestParameters,
  type Sealer,
  type Signer,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'

const KEYS = (['ES256', 'PS256', 'EdDSA'] as const).map(alg => createRequestKey(`key-${alg}`, alg))
const [key = createRequestKey()] = KEYS
const OTHER = createRequestKey('other')
const SEALS = classOf(2, { id: 'seals', approvals: ['seal-key'] })
const SECRET = 'a secret: with + and %'

let deployment: Deployment
let application: Application
let alice: Signer
let seal: Sealer
before(async () => {
  const wire = ({ kid, publicKey }: RequestKey) => ({ kid, publicKey: toBase64url(publicKey) })
  const redirectUris = [REDIRECT_URI]
  deployment = await startThrowaway({
    classes: [classOf(1), SEALS],
    clients: [
      { id: 'application', name: 'Open', redirectUris },
      { id: 'confidential', name: 'Confidential', redirectUris, secret: SECRET },
      { id: 'keys', name: 'With keys', redirectUris, keys: KEYS.map(wire), registration: { public: false } },
      { id: 'other-keys', name: 'Other', redirectUris, keys: [wire(OTHER)], registration: { public: false } },
    ],
  })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  seal = await enrolSealer(deployment, ORGANISATION, SEALS.id)
})
after(() => deployment.stop())

const sameBrowser = (signer: Signer): Signer => ({ ...signer, browser: openBrowser() })
const errorOf = ({ status, body }: Answer) => [status, (body as { error?: string } | undefined)?.error]
const listWith = (token: string, body: object = {}) => application.call('credentials/list', body, token)

/** Registers it while the server runs. */
function register(id: string, members: object): string {
  const file = join(deployment.directory, 'clients', `${id}.json`)
  writeFileSync(file, JSON.stringify({ client_id: id, name: id, redirect_uris: [], ...members }))
  return file
}

function registerWithSecret(id: string, members: object): Application {
  writeFileSync(join(deployment.directory, 'clients', `${id}.secret`), SECRET, { mode: 0o600 })
  register(id, { secretFile: `${id}.secret`, ...members })
  return openApplication(deployment, { clientId: id, authenticate: () => ({ client_secret: SECRET }) })
}

describe('client authentication by a secret (RFC 6749, 2.3.1)', () => {
  it('takes the present secret, and while it is replaced the previous one; no others', async () => {
    for (const [name, value] of Object.entries({ new: 'the new one', old: 'the old one' })) {
      writeFileSync(join(deployment.directory, 'clients', name), value, { mode: 0o600 })
    }
    register('rotating', { redirect_uris: [REDIRECT_URI], secretFile: 'new', previousSecretFile: 'old' })
    const push = (client_secret: string) => {
      const rotating = openApplication(deployment, { clientId: 'rotating' })
      const parameters = Object.fromEntries(rotating.begin({}).parameters)
      return rotating.form('pushed_authorize', { ...parameters, client_secret })
    }
    assert.equal((await push('the new one')).status, 201)
    assert.equal((await push('the old one')).status, 201)
    assert.deepEqual(errorOf(await push('another one')), [401, 'invalid_client'])
    assert.deepEqual(errorOf(await push('the new onethe old one')), [401, 'invalid_client'])
  })
})

describe('T-OA-16, T-LIM-06 client authentication by an assertion (RFC 7523, 3; FAPI 2.0 Security Profile, 5.3.2.1)', () => {
  const parties = (clientId = 'keys') => ({ clientId, issuer: deployment.urls.server })
  const now = () => Math.floor(Date.now() / 1000)
  const pushWith = (proof: RequestParameters, clientId = 'keys') => {
    const client = openApplication(deployment, { clientId })
    return client.form('pushed_authorize', { ...Object.fromEntries(client.begin({}).parameters), ...proof })
  }

  for (const one of KEYS) {
    it(`is taken when a registered key signed it: ${one.alg}`, async () => {
      assert.equal((await pushWith(clientAssertion(one, parties()))).status, 201)
    })
  }

  it('is taken at every endpoint, and without client_id beside it', async () => {
    const keyed = openApplication(deployment, {
      clientId: 'keys',
      authenticate: () => ({ client_id: undefined, ...clientAssertion(key, parties()) }),
    })
    const token = await keyed.serviceToken(sameBrowser(alice))
    assert.equal((await listWith(token)).status, 200)
    assert.equal((await keyed.form('revoke', { token })).status, 204)
  })

  it('is taken of a client whose clock is seconds ahead', async () => {
    const ahead = { iat: now() + 8, nbf: now() + 8 }
    assert.equal((await pushWith(clientAssertion(key, parties(), ahead))).status, 201)
  })

  const wrong: Readonly<Record<string, () => RequestParameters>> = {
    'another audience': () => clientAssertion(key, parties(), { aud: 'https://elsewhere.example' }),
    'the issuer in a list': () => clientAssertion(key, parties(), { aud: [deployment.urls.server] }),
    'the issuer among others': () =>
      clientAssertion(key, parties(), { aud: [deployment.urls.server, 'https://elsewhere.example'] }),
    'the issuer with a slash': () => clientAssertion(key, parties(), { aud: `${deployment.urls.server}/` }),
    'the token endpoint as audience': () =>
      clientAssertion(key, parties(), { aud: `${deployment.urls.server}/oauth2/token` }),
    'this endpoint as audience': () =>
      clientAssertion(key, parties(), { aud: `${deployment.urls.server}/oauth2/pushed_authorize` }),
    'no audience': () => clientAssertion(key, parties(), { aud: undefined }),
    'the type of a request object': () => clientAssertion(key, parties(), {}, { typ: REQUEST_OBJECT_TYPE }),
    'the same type, written in full': () =>
      clientAssertion(key, parties(), {}, { typ: 'application/OAuth-Authz-Req+JWT' }),
    'no subject': () => clientAssertion(key, parties(), { sub: undefined }),
    'another subject': () => clientAssertion(key, parties(), { sub: 'application' }),
    'another issuer': () => clientAssertion(key, parties(), { iss: 'application' }),
    'no id': () => clientAssertion(key, parties(), { jti: undefined }),
    'an id that is no text': () => clientAssertion(key, parties(), { jti: 7 }),
    'no expiry': () => clientAssertion(key, parties(), { exp: undefined }),
    'an expiry in the past': () => clientAssertion(key, parties(), { exp: now() - 1 }),
    'an expiry far in the future': () => clientAssertion(key, parties(), { exp: now() + 3600 }),
    'an expiry that is no number': () => clientAssertion(key, parties(), { exp: `${now() + 60}` }),
    'a time of issue in the future': () => clientAssertion(key, parties(), { iat: now() + 61 }),
    'a time of issue long past': () => clientAssertion(key, parties(), { iat: now() - 61 }),
    'a time before which it is not valid': () => clientAssertion(key, parties(), { nbf: now() + 61 }),
    'a key that is not registered': () => clientAssertion(createRequestKey(key.kid), parties()),
    'alg none': () => clientAssertion(key, parties(), {}, { alg: 'none' }),
    RS256: () => clientAssertion(key, parties(), {}, { alg: 'RS256' }),
    'a secret where a key belongs (HS256)': () => clientAssertion(key, parties(), {}, { alg: 'HS256' }),
    'a key of its own in the header': () => ownKey(),
    'another type of assertion': () => ({
      ...clientAssertion(key, parties()),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    }),
    'no type of assertion': () => ({ ...clientAssertion(key, parties()), client_assertion_type: undefined }),
    'a secret beside it': () => ({ ...clientAssertion(key, parties()), client_secret: SECRET }),
    'nothing but the id': () => ({}),
    'a secret instead': () => ({ client_secret: SECRET }),
  }
  for (const [what, proof] of Object.entries(wrong)) {
    it(`is refused with ${what}`, async () => {
      const [status, error] = errorOf(await pushWith(proof()))
      assert.ok(status === 401 || status === 400, String(status))
      assert.match(String(error), /^invalid_(client|request)$/)
    })
  }

  it('is refused of another client’s key', async () => {
    const answer = await pushWith(clientAssertion(key, parties('other-keys')), 'other-keys')
    assert.deepEqual(errorOf(answer), [401, 'invalid_client'])
    assert.equal((await pushWith(clientAssertion(OTHER, parties('other-keys')), 'other-keys')).status, 201)
  })

  it('is refused for another client_id than it names', async () => {
    const answer = await pushWith(clientAssertion(key, parties()), 'other-keys')
    assert.deepEqual(errorOf(answer), [400, 'invalid_request'])
  })

  it('is refused of a client that was registered with a secret', async () => {
    const answer = await pushWith(clientAssertion(key, parties('confidential')), 'confidential')
    assert.deepEqual(errorOf(answer), [401, 'invalid_client'])
  })

  it('is taken once', async () => {
    const proof = clientAssertion(key, parties())
    assert.equal((await pushWith(proof)).status, 201)
    assert.deepEqual(errorOf(await pushWith(proof)), [401, 'invalid_client'])
    const { jti } = assertionClaims(parties())
    assert.equal((await pushWith(clientAssertion(key, parties(), { jti }))).status, 201)
    assert.deepEqual(errorOf(await pushWith(clientAssertion(key, parties(), { jti }))), [
      401,
      'invalid_client',
    ])
  })

  function ownKey(): RequestParameters {
    const foreign: RequestKey = createRequestKey('foreign')
    const jwk = { kty: 'EC', ...foreign.privateKey.export({ format: 'jwk' }), d: undefined }
    return clientAssertion(foreign, parties(), {}, { jwk })
  }
})

describe('O-06 T-OA-15 refresh tokens (RFC 6749, 6; RFC 9700, 4.14; CSC API v2.0.0.2, 8.4.4)', () => {
  interface Tokens {
    readonly access_token: string
    readonly refresh_token: string
    readonly scope: string
  }
  const logInWith = async (client: Application): Promise<Tokens> => {
    const request = client.begin({ scope: 'service' })
    const code = codeOf(
      await logIn(deployment, sameBrowser(alice), client.authorizeUrl(request.parameters), REDIRECT_URI),
    )
    return (await client.redeem(request, code)).body as Tokens
  }
  const refresh = (refresh_token: string, parameters: RequestParameters = {}, client = application) =>
    client.form('token', { grant_type: 'refresh_token', refresh_token, ...parameters })

  it('come with scope service, and give a new pair each', async () => {
    const first = await logInWith(application)
    const { status, body } = await refresh(first.refresh_token)
    const second = body as Tokens
    assert.equal(status, 200)
    assert.equal(second.scope, 'service')
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.equal((await listWith(second.access_token)).status, 200)
    assert.equal((await refresh(second.refresh_token)).status, 200)
  })

  it('do not come with scope credential', async () => {
    const detail = detailFor(alice.credentialId, testDocuments(1))
    const request = application.begin({ authorization_details: JSON.stringify([detail]) })
    const answer = await approvedAnswer(request)
    assert.equal((answer.body as Partial<Tokens>).refresh_token, undefined)
  })

  it('are taken once: the second use ends the grant, with all that came of it', async () => {
    const first = await logInWith(application)
    const second = (await refresh(first.refresh_token)).body as Tokens
    assert.deepEqual(errorOf(await refresh(first.refresh_token)), [400, 'invalid_grant'])
    for (const { access_token } of [first, second]) assert.equal((await listWith(access_token)).status, 401)
    assert.deepEqual(errorOf(await refresh(second.refresh_token)), [400, 'invalid_grant'])
  })

  it('leave at most one line of tokens when one is used twenty times at once, and that line is dead', async () => {
    const first = await logInWith(application)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(first.refresh_token)))
    const won = answers.filter(({ status }) => status === 200).map(({ body }) => body as Tokens)
    assert.ok(won.length <= 1)
    for (const { access_token, refresh_token } of won) {
      assert.equal((await listWith(access_token)).status, 401)
      assert.deepEqual(errorOf(await refresh(refresh_token)), [400, 'invalid_grant'])
    }
  })

  it('do not widen the scope', async () => {
    for (const scope of ['credential', 'service credential', 'openid']) {
      const { refresh_token } = await logInWith(application)
      const [status, error] = errorOf(await refresh(refresh_token, { scope }))
      assert.deepEqual([status, error], [400, 'invalid_scope'], scope)
      assert.equal((await refresh(refresh_token, { scope: 'service' })).status, 200)
    }
  })

  it('are the client’s own', async () => {
    const confidential = openApplication(deployment, {
      clientId: 'confidential',
      authenticate: () => ({ client_secret: SECRET }),
    })
    const { refresh_token } = await logInWith(application)
    assert.deepEqual(errorOf(await refresh(refresh_token, {}, confidential)), [400, 'invalid_grant'])
    const own = await logInWith(confidential)
    const unproven = await refresh(own.refresh_token, { client_id: 'confidential', client_secret: undefined })
    assert.deepEqual(errorOf(unproven), [401, 'invalid_client'])
    assert.equal((await refresh(own.refresh_token, {}, confidential)).status, 200)
  })

  it('die when they are revoked, with the grant', async () => {
    const { access_token, refresh_token: token } = await logInWith(application)
    assert.equal((await application.form('revoke', { token, token_type_hint: 'refresh_token' })).status, 204)
    assert.equal((await listWith(access_token)).status, 401)
    assert.deepEqual(errorOf(await refresh(token)), [400, 'invalid_grant'])
  })

  it('live on when an access token is revoked, which dies alone (CSC API v2.0.0.2, 8.4.5)', async () => {
    const { access_token: token, refresh_token } = await logInWith(application)
    assert.equal((await application.form('revoke', { token, token_type_hint: 'access_token' })).status, 204)
    assert.equal((await listWith(token)).status, 401)
    assert.equal((await refresh(refresh_token)).status, 200)
  })

  async function approvedAnswer(request: ReturnType<Application['begin']>): Promise<Answer> {
    const signer = sameBrowser(alice)
    const shown = await openApproval(deployment, signer, await application.push(request))
    const items = itemsFor(shown, [])
    return application.redeem(
      request,
      codeOf(await approve(deployment, signer, shown, { items, redirectUri: REDIRECT_URI })),
    )
  }
})

describe('tokens of a client by itself (RFC 6749, 4.4; CSC API v2.0.0.2, 8.1 and 8.5)', () => {
  const ask = (client: Application, parameters: RequestParameters = {}) =>
    client.form('token', { grant_type: 'client_credentials', ...parameters })

  it('are of scope service, and speak for the seals that the client acts for', async () => {
    const acting = registerWithSecret('acting', { actsFor: [seal.signerId] })
    const { status, body } = await ask(acting)
    const { access_token, refresh_token, ...rest } = body as Record<string, string>
    assert.equal(status, 200)
    assert.equal(refresh_token, undefined)
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'service' })
    const listed = await listWith(String(access_token), { userID: seal.signerId })
    assert.deepEqual(listed.body, { credentialIDs: [seal.credentialId] })
    const info = await application.call(
      'credentials/info',
      { credentialID: seal.credentialId },
      String(access_token),
    )
    assert.equal(info.status, 200)
  })

  it('T-OA-14 end no credential, not even of those', async () => {
    const acting = registerWithSecret('acting', { actsFor: [seal.signerId] })
    const token = tokenOf(await ask(acting))
    const end = '../../natsuin/v1/credentials/revoke'
    const asked = { credentialID: seal.credentialId, reason: 'superseded' }
    assert.deepEqual(errorOf(await application.call(end, asked, token)), [401, 'invalid_token'])
    const bob = await enrolSigner(deployment, { commonName: 'Bob' })
    const own = await application.serviceToken(sameBrowser(bob))
    const his = { credentialID: bob.credentialId, reason: 'superseded' }
    assert.equal((await application.call(end, his, own)).status, 204)
  })

  it('say for whom they speak with each call, and for nobody else', async () => {
    const acting = registerWithSecret('acting', { actsFor: [seal.signerId] })
    const token = tokenOf(await ask(acting))
    for (const userID of [undefined, alice.signerId, 'nobody', '', 7]) {
      assert.deepEqual(errorOf(await listWith(token, { userID })), [400, 'invalid_request'])
    }
    const info = { credentialID: alice.credentialId }
    assert.deepEqual(errorOf(await application.call('credentials/info', info, token)), [
      400,
      'invalid_request',
    ])
  })

  it('end when the client is no longer registered', async () => {
    const passing = registerWithSecret('passing', { actsFor: [seal.signerId] })
    const token = tokenOf(await ask(passing))
    assert.equal((await listWith(token, { userID: seal.signerId })).status, 200)
    rmSync(join(deployment.directory, 'clients', 'passing.json'))
    await until(async () => (await listWith(token, { userID: seal.signerId })).status === 401)
  })

  it('are revoked', async () => {
    const acting = registerWithSecret('acting', { actsFor: [seal.signerId] })
    const token = tokenOf(await ask(acting))
    assert.equal((await acting.form('revoke', { token })).status, 204)
    assert.equal((await listWith(token, { userID: seal.signerId })).status, 401)
  })

  it('are not given for another scope, nor to clients that act for nobody, nor without proof', async () => {
    const acting = registerWithSecret('acting', { actsFor: [seal.signerId] })
    for (const scope of ['credential', 'service credential', 'openid']) {
      assert.deepEqual(errorOf(await ask(acting, { scope })), [400, 'invalid_scope'], scope)
    }
    assert.equal((await ask(acting, { scope: 'service' })).status, 200)
    for (const client_id of ['application', 'confidential']) {
      const proof = client_id === 'confidential' ? { client_secret: SECRET } : { client_secret: undefined }
      assert.deepEqual(errorOf(await ask(acting, { client_id, ...proof })), [400, 'invalid_request'])
    }
    assert.deepEqual(errorOf(await ask(acting, { client_secret: undefined })), [401, 'invalid_client'])
  })

  it('T-OA-17 are no signer’s, though the client is called like one', async () => {
    const namesake = registerWithSecret(alice.signerId, { actsFor: [seal.signerId] })
    const token = tokenOf(await ask(namesake))
    assert.equal((await listWith(token)).status, 400)
    assert.equal((await listWith(token, { userID: alice.signerId })).status, 400)
    const { credentialId: credentialID } = alice
    const info = await application.call('credentials/info', { credentialID }, token)
    assert.deepEqual(errorOf(info), [400, 'invalid_request'])
    const own = await listWith(token, { userID: seal.signerId })
    assert.deepEqual(own.body, { credentialIDs: [seal.credentialId] })
  })
})

describe('T-OA-14 what each token is for (CSC API v2.0.0.2, 8.4.4)', () => {
  const hash = randomBytes(32).toString('base64')
  const calls: Readonly<Record<string, () => readonly [string, object]>> = {
    'credentials/list': () => ['credentials/list', {}],
    'credentials/authorize': () => ['credentials/authorize', { credentialID: alice.credentialId }],
    'credentials/extendTransaction': () => [
      'credentials/extendTransaction',
      { credentialID: alice.credentialId, hashes: [hash], hashAlgorithmOID: '2.16.840.1.101.3.4.2.1' },
    ],
    'credentials/info': () => ['credentials/info', { credentialID: alice.credentialId }],
    'signatures/signHash': () => [
      'signatures/signHash',
      { credentialID: alice.credentialId, hashes: [hash], signAlgo: ECDSA_SHA256_OID },
    ],
    'credentials/revoke': () => [
      '../../natsuin/v1/credentials/revoke',
      { credentialID: alice.credentialId, reason: 'superseded' },
    ],
  }
  let refreshToken = ''
  let usedCode = ''
  let credentialToken = ''
  before(async () => {
    const request = application.begin({})
    usedCode = codeOf(
      await logIn(deployment, sameBrowser(alice), application.authorizeUrl(request.parameters), REDIRECT_URI),
    )
    const { body } = await application.redeem(request, usedCode)
    refreshToken = (body as { refresh_token: string }).refresh_token
    const detail = detailFor(alice.credentialId, testDocuments(1))
    credentialToken = await application.credentialToken(sameBrowser(alice), detail)
  })

  for (const [name, call] of Object.entries(calls)) {
    it(`${name} takes no refresh token, no code, no client’s secret`, async () => {
      for (const token of [refreshToken, usedCode, Buffer.from(SECRET).toString('base64url')]) {
        assert.equal((await application.call(...call(), token)).status, 401)
      }
    })
  }

  for (const name of [
    'credentials/list',
    'credentials/authorize',
    'credentials/extendTransaction',
    'credentials/revoke',
  ]) {
    it(`${name} takes no credential token`, async () => {
      const [method, body] = calls[name]?.() ?? assert.fail()
      assert.equal((await application.call(method, body, credentialToken)).status, 401)
    })
  }

  it('credentials/info and signatures/signHash take a credential token for its own credential', async () => {
    const info = calls['credentials/info']?.() ?? assert.fail()
    assert.equal((await application.call(...info, credentialToken)).status, 200)
    const [method] = info
    const foreign = await application.call(method, { credentialID: seal.credentialId }, credentialToken)
    assert.deepEqual(errorOf(foreign), [400, 'invalid_request'])
  })

  it('a service token is no SAD', async () => {
    const token = await application.serviceToken(sameBrowser(alice))
    const [method, body] = calls['signatures/signHash']?.() ?? assert.fail()
    const answer = await application.call(method, { ...body, SAD: token }, token)
    assert.deepEqual(answer.body, { error: 'invalid_request', error_description: 'Invalid parameter SAD' })
  })
})

/** Registrations are looked at again after a second. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 100; waited++) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  assert.fail('it never held')
}
