/**
 * Tokens that are bound to a key (RFC 9449), at the authorization server and at every API, with two server processes on one
 * database. What a proof may say, and when, is shown beside the code (packages/server/src/oauth/dpop). Ids: threats.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  type Answer,
  type Application,
  answerOf,
  approve,
  type BegunRequest,
  codeOf,
  configurationOf,
  createRequestKey,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  freePort,
  itemsFor,
  logIn,
  openApplication,
  openApproval,
  openBrowser,
  openProver,
  proofClaims,
  REDIRECT_URI,
  type RequestKey,
  type RunningProcess,
  type Signer,
  signProof,
  startProcess,
  startThrowaway,
  testDocuments,
  thumbprintOf,
  tokenOf,
} from '@natsuin/testing/deployment'

const key = createRequestKey()
const thief = createRequestKey()
const SECRET = 'a secret of forty-two characters or so, no'

let deployment: Deployment
let second: RunningProcess
let secondUrl: string
let application: Application
let unbound: Application
let alice: Signer
let bob: Signer
before(async () => {
  deployment = await startThrowaway({
    clients: [
      { id: 'application', name: 'Application', redirectUris: [REDIRECT_URI] },
      {
        id: 'careful',
        name: 'Careful application',
        redirectUris: [REDIRECT_URI],
        registration: { boundTokens: 'required' },
      },
    ],
  })
  ;[second, secondUrl] = await startSecond(deployment)
  application = openApplication(deployment, { proofKey: key })
  unbound = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
  const acting = { client_id: 'acting', name: 'Acting', redirect_uris: [], actsFor: [alice.signerId] }
  const secretFile = join(deployment.directory, 'acting.secret')
  writeFileSync(secretFile, SECRET, { mode: 0o600 })
  const registration = join(deployment.directory, 'clients', 'acting.json')
  writeFileSync(registration, JSON.stringify({ ...acting, secretFile }))
})
after(async () => {
  await second?.stop()
  await deployment.stop()
})

/** Another process of the same server: the same public address, on a port of its own. */
async function startSecond({ directory }: Deployment): Promise<[RunningProcess, string]> {
  const port = await freePort()
  const written = JSON.parse(readFileSync(configurationOf(directory, 'server'), 'utf8'))
  const own = { ...written, listen: { ...written.listen, port }, health: { socket: 'second-health.sock' } }
  const config = join(directory, 'second-server.json')
  writeFileSync(config, JSON.stringify(own), { mode: 0o600 })
  const started = await startProcess({
    name: 'server',
    args: ['start', '--config', config],
    workingDirectory: directory,
  })
  return [started, `http://127.0.0.1:${port}`]
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const LIST = () => `${deployment.urls.csc}credentials/list`
const errorOf = ({ body }: Answer) => (Object(body) as { error?: string }).error
const sameBrowser = (signer: Signer): Signer => ({ ...signer, browser: openBrowser() })

/** A nonce that is good now. */
async function nonce(): Promise<string> {
  const { headers } = await answerOf(LIST(), '{}', { ...json, authorization: 'DPoP none', dpop: 'none' })
  return headers.get('dpop-nonce') ?? ''
}

/** Asks for the list of credentials with a proof of its own making. */
async function list(
  token: string,
  { by = key, changed = {}, headers = {}, base = LIST() }: Asking = {},
): Promise<Answer> {
  const claims = { ...proofClaims({ url: LIST(), token, nonce: await nonce() }), ...changed }
  return answerOf(base, '{}', {
    ...json,
    authorization: `DPoP ${token}`,
    dpop: signProof(by, claims),
    ...headers,
  })
}

interface Asking {
  readonly by?: RequestKey
  readonly changed?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly base?: string
}

async function serviceCode(begun: BegunRequest): Promise<string> {
  const url = application.authorizeUrl(begun.parameters)
  return codeOf(await logIn(deployment, sameBrowser(alice), url, REDIRECT_URI))
}

const serviceToken = (by: Application, signer = alice) => by.serviceToken(sameBrowser(signer))

describe('a token that is asked for with a proof (RFC 9449, 5)', () => {
  it('is bound to the key of the proof, says so, and opens the API with proofs of that key', async () => {
    const begun = application.begin({})
    const answer = await application.redeem(begun, await serviceCode(begun))
    const { token_type } = answer.body as { token_type: string }
    assert.equal(token_type, 'DPoP')
    assert.equal((await application.call('credentials/list', {}, tokenOf(answer))).status, 200)
  })

  it('T-DP-06 is refused under Bearer, with and without the proof, and the answer says how to come', async () => {
    const token = await serviceToken(application)
    for (const headers of [
      {},
      { dpop: signProof(key, proofClaims({ url: LIST(), token, nonce: await nonce() })) },
    ]) {
      const answer = await answerOf(LIST(), '{}', { ...json, authorization: `Bearer ${token}`, ...headers })
      assert.deepEqual([answer.status, errorOf(answer)], [401, 'invalid_token'])
      assert.match(
        answer.headers.get('www-authenticate') ?? '',
        /^DPoP error="invalid_token", algs="ES256 PS256/,
      )
    }
    assert.equal((await list(token)).status, 200)
  })

  it('T-DP-05 T-OA-13 is refused with the proof of another key, and of another token', async () => {
    const token = await serviceToken(application)
    const foreign = await list(token, { by: thief })
    assert.deepEqual([foreign.status, errorOf(foreign)], [401, 'invalid_token'])
    const other = proofClaims({ url: LIST(), token: 'another token' }).ath
    assert.equal(errorOf(await list(token, { changed: { ath: other } })), 'invalid_dpop_proof')
    assert.equal((await list(token)).status, 200)
  })

  it('T-DP-01 is refused without a proof, with two, and with one that is not for this request', async () => {
    const token = await serviceToken(application)
    const proof = async () => signProof(key, proofClaims({ url: LIST(), token, nonce: await nonce() }))
    const refused = [
      await answerOf(LIST(), '{}', { ...json, authorization: `DPoP ${token}` }),
      await list(token, { headers: { dpop: `${await proof()}, ${await proof()}` } }),
      await list(token, { changed: { htm: 'GET' } }),
      await list(token, { changed: { jti: undefined } }),
    ]
    for (const answer of refused) {
      assert.deepEqual([answer.status, errorOf(answer)], [401, 'invalid_dpop_proof'])
      assert.match(answer.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/)
    }
    assert.equal((await list(token)).status, 200)
  })

  it('is not what an unbound token becomes by a proof (RFC 9449, 7.1)', async () => {
    const token = await serviceToken(unbound)
    assert.equal(errorOf(await list(token)), 'invalid_token')
    assert.equal((await unbound.call('credentials/list', {}, token)).status, 200)
  })
})

describe('a proof is used once (RFC 9449, 11.1)', () => {
  it('T-DP-02 also where another process takes it, and by whoever is first of a hundred', async () => {
    const token = await serviceToken(application)
    const other = LIST().replace(deployment.urls.server, secondUrl)
    const replay = async (times: number) => {
      const dpop = signProof(key, proofClaims({ url: LIST(), token, nonce: await nonce() }))
      const headers = { ...json, authorization: `DPoP ${token}`, dpop }
      return Promise.all(
        Array.from({ length: times }, (_, i) => answerOf(i % 2 ? LIST() : other, '{}', headers)),
      )
    }
    const answers = await replay(100)
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const refused = answers.filter(({ status }) => status !== 200)
    assert.deepEqual([...new Set(refused.map(errorOf))], ['invalid_dpop_proof'])
    for (let i = 0; i < 5; i++) assert.equal((await replay(1))[0]?.status, 200)
  })

  it('T-DP-02 at the token endpoint as well', async () => {
    const url = `${deployment.urls.server}/oauth2/token`
    const dpop = signProof(key, proofClaims({ url, nonce: await nonce() }))
    const redeem = async (base: string) => {
      const begun = application.begin({})
      const body = new URLSearchParams({
        client_id: application.clientId,
        grant_type: 'authorization_code',
        code: await serviceCode(begun),
        redirect_uri: REDIRECT_URI,
        code_verifier: begun.verifier,
      })
      return answerOf(`${base}/oauth2/token`, body.toString(), { ...form, dpop })
    }
    tokenOf(await redeem(deployment.urls.server))
    const again = await redeem(secondUrl)
    assert.deepEqual([again.status, errorOf(again)], [400, 'invalid_dpop_proof'])
  })
})

describe('a proof is for one address (RFC 9449, 4.3)', () => {
  it('T-DP-03 which is the public one, whatever proxies and clients say of it', async () => {
    const token = await serviceToken(application)
    const forged = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    }
    const htu = 'https://evil.example/csc/v2/credentials/list'
    assert.equal(errorOf(await list(token, { changed: { htu }, headers: forged })), 'invalid_dpop_proof')
    assert.equal((await list(token, { headers: forged })).status, 200)
    const internal = LIST().replace(deployment.urls.server, secondUrl)
    assert.equal(
      errorOf(await list(token, { changed: { htu: internal }, base: internal })),
      'invalid_dpop_proof',
    )
    assert.equal((await list(token, { base: internal })).status, 200)
  })

  it('T-DP-03 and at the authorization server likewise', async () => {
    const url = `${deployment.urls.server}/oauth2/pushed_authorize`
    const push = async (htu: string) => {
      const dpop = signProof(key, { ...proofClaims({ url, nonce: await nonce() }), htu })
      const headers = { ...form, dpop, 'x-forwarded-host': 'evil.example' }
      return answerOf(url, application.begin({}).parameters.toString(), headers)
    }
    for (const wrong of [
      'http://evil.example/oauth2/pushed_authorize',
      `${deployment.urls.server}/oauth2/token`,
      `${deployment.urls.server}/oauth2/x/../pushed_authorize`,
    ]) {
      assert.deepEqual(errorOf(await push(wrong)), 'invalid_dpop_proof', wrong)
    }
    assert.equal((await push(url.replace('http:', 'HTTP:'))).status, 201)
  })
})

describe('a proof has a nonce of ours (RFC 9449, 8 and 9)', () => {
  const asks = {
    'at the API': async (dpop: string, token: string) =>
      answerOf(LIST(), '{}', { ...json, authorization: `DPoP ${token}`, dpop }),
    'for a pushed request': async (dpop: string) =>
      answerOf(
        `${deployment.urls.server}/oauth2/pushed_authorize`,
        application.begin({}).parameters.toString(),
        { ...form, dpop },
      ),
  }
  const urls = {
    'at the API': LIST,
    'for a pushed request': () => `${deployment.urls.server}/oauth2/pushed_authorize`,
  }
  for (const [where, ask] of Object.entries(asks)) {
    it(`T-DP-04 which is asked for ${where}, and given`, async () => {
      const token = await serviceToken(application)
      const proof = (own?: string) =>
        signProof(key, proofClaims({ url: urls[where as keyof typeof urls](), token, nonce: own }))
      for (const refused of [await ask(proof(), token), await ask(proof('old'), token)]) {
        assert.equal(refused.status, where === 'at the API' ? 401 : 400)
        assert.equal(errorOf(refused), 'use_dpop_nonce')
        const given = refused.headers.get('dpop-nonce') ?? ''
        assert.ok((await ask(proof(given), token)).status < 300)
      }
    })
  }

  it('of which there is one kind for all endpoints and processes', async () => {
    const given = openProver(key, answerOf)
    await given.ask(`${deployment.urls.server}/oauth2/pushed_authorize`, 'client_id=application', form)
    const token = await serviceToken(application)
    const own = given.nonce
    assert.notEqual(own, undefined)
    const base = LIST().replace(deployment.urls.server, secondUrl)
    assert.equal((await list(token, { changed: { nonce: own }, base })).status, 200)
  })

  it('and pages may read it', async () => {
    const token = await serviceToken(application)
    const answers = [
      await list(token, { changed: { nonce: undefined }, headers: { origin: 'https://app.example' } }),
      await answerOf(
        `${deployment.urls.server}/oauth2/token`,
        'client_id=application&grant_type=authorization_code',
        {
          ...form,
          origin: 'https://app.example',
          dpop: signProof(key, proofClaims({ url: `${deployment.urls.server}/oauth2/token` })),
        },
      ),
    ]
    for (const { headers } of answers) {
      assert.ok(headers.get('access-control-allow-origin'))
      assert.match(headers.get('access-control-expose-headers') ?? '', /dpop-nonce/i)
      assert.ok(headers.get('dpop-nonce'))
    }
    const asked = {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    }
    const allowed = (await fetch(LIST(), asked)).headers.get('access-control-allow-headers')
    assert.match(allowed ?? '', /dpop/i)
  })
})

describe('a code is bound to the key of its request (RFC 9449, 10)', () => {
  const redeem = async (
    parameters: Readonly<Record<string, string>>,
    pusher: Application,
    by: Application,
  ) => {
    const begun = pusher.begin(parameters)
    const url = await pusher.push(begun)
    return by.redeem(begun, codeOf(await logIn(deployment, sameBrowser(alice), url, REDIRECT_URI)))
  }

  it('T-DP-05 and no other key redeems it, nor nobody’s', async () => {
    const other = openApplication(deployment, { proofKey: thief })
    assert.equal(errorOf(await redeem({}, application, other)), 'invalid_grant')
    assert.equal(errorOf(await redeem({}, application, unbound)), 'invalid_grant')
    tokenOf(await redeem({}, application, application))
  })

  it('T-DP-05 also by dpop_jkt alone, pushed or not', async () => {
    const jkt = { dpop_jkt: thumbprintOf(key) }
    const other = openApplication(deployment, { proofKey: thief })
    assert.equal(errorOf(await redeem(jkt, unbound, other)), 'invalid_grant')
    tokenOf(await redeem(jkt, unbound, application))
    const begun = unbound.begin(jkt)
    assert.equal(errorOf(await other.redeem(begun, await serviceCode(begun))), 'invalid_grant')
  })

  it('T-DP-05 and a request that names another key than its proof is refused', async () => {
    const parameters = Object.fromEntries(application.begin({ dpop_jkt: thumbprintOf(thief) }).parameters)
    const refused = await application.form('pushed_authorize', parameters)
    assert.deepEqual([refused.status, errorOf(refused)], [400, 'invalid_request'])
  })
})

describe('what is got without the signer (RFC 9449, 5)', () => {
  it('T-DP-05 T-OA-15 a refresh token of a public client works with the key of its request alone', async () => {
    const begun = application.begin({ scope: 'service' })
    const { body } = await application.redeem(begun, await serviceCode(begun))
    const { refresh_token } = body as { refresh_token: string }
    const refresh = { grant_type: 'refresh_token', refresh_token }
    const other = openApplication(deployment, { proofKey: thief })
    assert.equal(errorOf(await other.form('token', refresh)), 'invalid_grant')
    assert.equal(errorOf(await unbound.form('token', refresh)), 'invalid_grant')
    const token = tokenOf(await application.form('token', refresh))
    assert.equal((await list(token)).status, 200)
    assert.equal((await list(token, { by: thief })).status, 401)
  })

  it('T-OA-13 a token by client credentials is bound as well', async () => {
    const own = { client_id: 'acting', client_secret: SECRET, grant_type: 'client_credentials' }
    const acting = openApplication(deployment, { clientId: 'acting', proofKey: key })
    const token = tokenOf(await acting.form('token', own))
    const userID = { userID: alice.signerId }
    assert.equal((await acting.call('credentials/list', userID, token)).status, 200)
    assert.equal((await unbound.call('credentials/list', userID, token)).status, 401)
  })
})

describe('a credential token that is bound to a key (CSC API v2.0.0.2, 8.4.4)', () => {
  const documents = testDocuments(1)
  const hashes = documents.map(({ digest }) => digest.hash)
  const body = () => ({ credentialID: alice.credentialId, hashes, signAlgo: ECDSA_SHA256_OID })
  const credentialToken = () =>
    application.credentialToken(sameBrowser(alice), detailFor(alice.credentialId, documents))

  it('T-OA-13 signs for who has the key, and for nobody who stole it', async () => {
    const token = await credentialToken()
    const sign = `${deployment.urls.csc}signatures/signHash`
    const asked = { ...json, authorization: `Bearer ${token}` }
    const stolen = [
      await answerOf(sign, JSON.stringify(body()), asked),
      await openProver(thief, answerOf).ask(sign, JSON.stringify(body()), asked),
    ]
    for (const { status } of stolen) assert.equal(status, 401)
    assert.equal((await application.call('signatures/signHash', body(), token)).status, 200)
  })

  it('T-OA-13 is no SAD beside a token that is not of the same key', async () => {
    const SAD = await credentialToken()
    const other = openApplication(deployment, { proofKey: thief })
    const asks: readonly [Application, Signer][] = [
      [unbound, alice],
      [other, alice],
      [unbound, bob],
      [application, bob],
    ]
    for (const [by, signer] of asks) {
      const answer = await by.call('signatures/signHash', { ...body(), SAD }, await serviceToken(by, signer))
      assert.equal(answer.status, 400)
    }
    const own = await serviceToken(application)
    assert.equal((await application.call('signatures/signHash', { ...body(), SAD }, own)).status, 200)
  })

  it('T-OA-13 cannot be carried on under another key', async () => {
    const SAD = await credentialToken()
    const extend = {
      credentialID: alice.credentialId,
      hashes,
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      SAD,
    }
    const refused = await unbound.call('credentials/extendTransaction', extend, await serviceToken(unbound))
    assert.equal(refused.status, 400)
    const own = await serviceToken(application)
    const { body: extended } = await application.call('credentials/extendTransaction', extend, own)
    const { SAD: next } = extended as { SAD: string }
    const stolen = { ...body(), SAD: next }
    assert.equal((await unbound.call('signatures/signHash', stolen, await serviceToken(unbound))).status, 400)
    assert.equal((await application.call('signatures/signHash', stolen, own)).status, 200)
  })

  it('opens evidence with proofs as well', async () => {
    const token = await credentialToken()
    const { body: signed } = await application.call('signatures/signHash', body(), token)
    const [signature] = (signed as { signatures: string[] }).signatures
    const ask = openProver(key, answerOf).ask
    const asked = JSON.stringify({ credentialID: alice.credentialId, signature })
    const url = `${deployment.urls.server}/natsuin/v1/evidence`
    assert.equal((await ask(url, asked, { ...json, authorization: `Bearer ${token}` })).status, 200)
    assert.equal((await answerOf(url, asked, { ...json, authorization: `Bearer ${token}` })).status, 401)
  })
})

describe('a client that is registered for bound tokens alone (boundTokens: required)', () => {
  it('T-OA-13 gets none without a proof, at the token endpoint as for a signature', async () => {
    const lax = openApplication(deployment, { clientId: 'careful' })
    const strict = openApplication(deployment, { clientId: 'careful', proofKey: key })
    const begun = lax.begin({})
    const url = lax.authorizeUrl(begun.parameters)
    const code = codeOf(await logIn(deployment, sameBrowser(alice), url, REDIRECT_URI))
    assert.equal((await lax.redeem(begun, code)).status, 400)
    const token = await serviceToken(strict)
    assert.equal((await strict.call('credentials/list', {}, token)).status, 200)
    const approval = strict.begin({
      authorization_details: JSON.stringify([detailFor(alice.credentialId, testDocuments(1))]),
    })
    const person = sameBrowser(alice)
    const shown = await openApproval(deployment, person, await lax.push(approval))
    const back = await approve(deployment, person, shown, {
      items: itemsFor(shown, []),
      redirectUri: REDIRECT_URI,
    })
    assert.equal((await lax.redeem(approval, codeOf(back))).status, 400)
  })

  it('is told in the metadata which algorithms proofs may have', async () => {
    const url = `${deployment.urls.server}/.well-known/oauth-authorization-server`
    const metadata = (await (await fetch(url)).json()) as Record<string, unknown>
    assert.deepEqual(metadata['dpop_signing_alg_values_supported'], ['ES256', 'PS256', 'EdDSA', 'Ed25519'])
  })
})
