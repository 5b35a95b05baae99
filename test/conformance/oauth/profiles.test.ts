/**
 * Profiles of clients: `csc-v1` (CSC API v1.0.4.0, 8.3) and `fapi2` (FAPI 2.0 Security Profile, 5.3.2), and the floor under
 * level 3.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import {
  type Application,
  approve,
  type BegunRequest,
  classOf,
  clientAssertion,
  codeOf,
  createRequestKey,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  itemsFor,
  logIn,
  openApplication,
  openApproval,
  openBrowser,
  REDIRECT_URI,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'

const SECRET = 'kept by a server of 2019'
const key = createRequestKey()

let deployment: Deployment
let old: Application
let standard: Application
let fapi: Application
/** The same client, which proves a key with each request. */
let bound: Application
let alice: Signer
let qualified: Signer
before(async () => {
  const redirectUris = [REDIRECT_URI]
  const keys = [{ kid: key.kid, publicKey: toBase64url(key.publicKey) }]
  deployment = await startThrowaway({
    profile: 'fapi2',
    classes: [classOf(1), classOf(3)],
    clients: [
      { id: 'old', name: 'Old', redirectUris, secret: SECRET, registration: { profile: 'csc-v1' } },
      { id: 'standard', name: 'Standard', redirectUris },
      { id: 'fapi', name: 'FAPI', redirectUris, keys, registration: { profile: 'fapi2', public: false } },
    ],
  })
  old = openApplication(deployment, { clientId: 'old', authenticate: () => ({ client_secret: SECRET }) })
  standard = openApplication(deployment, { clientId: 'standard' })
  const parties = { clientId: 'fapi', issuer: deployment.urls.server }
  const authenticate = () => clientAssertion(key, parties)
  fapi = openApplication(deployment, { clientId: 'fapi', authenticate })
  bound = openApplication(deployment, { clientId: 'fapi', authenticate, proofKey: createRequestKey() })
  alice = await enrolSigner(deployment, { commonName: 'Alice' }, { classId: 'level-1' })
  qualified = await enrolSigner(deployment, { commonName: 'Qualified' }, { classId: 'level-3' })
})
after(() => deployment.stop())

const sameBrowser = (signer: Signer): Signer => ({ ...signer, browser: openBrowser() })
const unchallenged = { code_challenge: undefined, code_challenge_method: undefined }

/** The error with which a browser is sent back when nobody is asked. */
async function refusalOf(url: string): Promise<string | null> {
  return new URL(await openBrowser().visit(url, [REDIRECT_URI])).searchParams.get('error')
}

describe('profile csc-v1 (CSC API v1.0.4.0, 8.3)', () => {
  const serviceCode = async (request: BegunRequest) =>
    codeOf(await logIn(deployment, sameBrowser(alice), old.authorizeUrl(request.parameters), REDIRECT_URI))

  it('needs no PKCE, and takes the secret in the body or the header', async () => {
    const request = old.begin(unchallenged)
    const token = tokenOf(await old.redeem(request, await serviceCode(request), { code_verifier: undefined }))
    assert.equal((await old.call('credentials/list', {}, token)).status, 200)
    const again = old.begin(unchallenged)
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: await serviceCode(again),
      redirect_uri: REDIRECT_URI,
    })
    const shown = Buffer.from(`old:${encodeURIComponent(SECRET)}`).toString('base64')
    const answer = await fetch(`${deployment.urls.server}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${shown}` },
      body,
    })
    assert.equal(answer.status, 200)
  })

  it('T-OA-06 holds a client to the challenge that it sent, and takes no verifier without one', async () => {
    const challenged = old.begin({})
    const code = await serviceCode(challenged)
    assert.equal((await old.redeem(challenged, code, { code_verifier: undefined })).status, 400)
    tokenOf(await old.redeem(challenged, code))
    const open = old.begin(unchallenged)
    assert.equal((await old.redeem(open, await serviceCode(open))).status, 400)
    const plain = old.begin({ code_challenge_method: 'plain', code_challenge: 'a'.repeat(43) })
    assert.equal(await refusalOf(old.authorizeUrl(plain.parameters)), 'invalid_request')
  })

  it('is for clients that prove who they are', async () => {
    const request = old.begin(unchallenged)
    const code = await serviceCode(request)
    const bare = { code_verifier: undefined, client_secret: undefined }
    assert.equal((await old.redeem(request, code, bare)).status, 401)
    assert.equal((await old.redeem(request, code, { code_verifier: undefined })).status, 200)
  })

  it('names digests as v1 does, and the token is the SAD', async () => {
    const digests = [1, 2].map(n => createHash('sha256').update(`document ${n}`).digest())
    const request = old.begin({
      ...unchallenged,
      scope: 'credential',
      credentialID: alice.credentialId,
      numSignatures: '2',
      hash: digests.map(digest => digest.toString('base64url')).join(','),
    })
    const signer = sameBrowser(alice)
    const shown = await openApproval(deployment, signer, old.authorizeUrl(request.parameters))
    const items = itemsFor(shown, [])
    const back = await approve(deployment, signer, shown, { items, redirectUri: REDIRECT_URI })
    const answer = await old.redeem(request, codeOf(back), { code_verifier: undefined })
    const { access_token: sad, token_type: type } = answer.body as Record<string, string>
    assert.equal(type, 'SAD')
    const signed = await openApplication(deployment, { clientId: 'old', edition: 'v1' }).call(
      'signatures/signHash',
      {
        credentialID: alice.credentialId,
        SAD: sad,
        hash: digests.map(digest => digest.toString('base64')),
        hashAlgo: SHA256_OID,
        signAlgo: ECDSA_SHA256_OID,
      },
      await serviceTokenOf(old),
    )
    assert.equal(
      (signed.body as { signatures?: unknown[] }).signatures?.length,
      2,
      JSON.stringify(signed.body),
    )
  })

  it('takes one list of digests, all of one length', async () => {
    const hash = randomBytes(32).toString('base64url')
    const refused = async (parameters: Readonly<Record<string, string>>) => {
      const credential = { scope: 'credential', credentialID: alice.credentialId, ...unchallenged }
      return refusalOf(old.authorizeUrl(old.begin({ ...credential, ...parameters }).parameters))
    }
    assert.equal(await refused({ hash, hashes: hash }), 'invalid_request')
    assert.equal(await refused({ hash, hashAlgorithmOID: SHA256_OID }), 'invalid_request')
    assert.equal(await refused({ hash: randomBytes(31).toString('base64url') }), 'invalid_request')
    const longer = randomBytes(48).toString('base64url')
    assert.equal(await refused({ hash: `${hash},${longer}` }), 'invalid_request')
    assert.equal(await refused({ numSignatures: '1' }), 'invalid_request')
    assert.equal(await refused({ hash, numSignatures: '2' }), 'invalid_request')
  })

  it('holds for its clients alone: others need PKCE, and their token is a Bearer token', async () => {
    const request = standard.begin(unchallenged)
    assert.equal(await refusalOf(standard.authorizeUrl(request.parameters)), 'invalid_request')
    const detail = detailFor(alice.credentialId, testDocuments(1))
    const asked = standard.begin({ authorization_details: JSON.stringify([detail]) })
    const signer = sameBrowser(alice)
    const shown = await openApproval(deployment, signer, await standard.push(asked))
    const items = itemsFor(shown, [])
    const back = await approve(deployment, signer, shown, { items, redirectUri: REDIRECT_URI })
    const { body } = await standard.redeem(asked, codeOf(back))
    assert.equal((body as { token_type: string }).token_type, 'Bearer')
  })

  async function serviceTokenOf(client: Application): Promise<string> {
    const request = client.begin(unchallenged)
    return tokenOf(await client.redeem(request, await serviceCode(request), { code_verifier: undefined }))
  }
})

describe('profile fapi2 (FAPI 2.0 Security Profile, 5.3.2)', () => {
  it('T-PAR-01 takes pushed requests alone', async () => {
    const request = fapi.begin({ scope: 'service' })
    assert.equal(await refusalOf(fapi.authorizeUrl(request.parameters)), 'invalid_request')
    const login = `${deployment.urls.server}/login/`
    assert.ok((await openBrowser().visit(await fapi.push(request), [login])).startsWith(login))
  })

  it('takes pushed requests of an authenticated client alone, with PKCE S256 and a redirect URI', async () => {
    const push = async (changed: Readonly<Record<string, string | undefined>>) =>
      (
        await fapi.form('pushed_authorize', {
          ...Object.fromEntries(fapi.begin({ scope: 'service' }).parameters),
          ...changed,
        })
      ).status
    assert.equal(await push({}), 201)
    assert.equal(await push({ client_assertion: undefined, client_assertion_type: undefined }), 401)
    assert.equal(await push(unchallenged), 400)
    assert.equal(await push({ code_challenge_method: 'plain' }), 400)
    assert.equal(await push({ redirect_uri: undefined }), 400)
    assert.equal(await push({ response_type: 'code id_token' }), 400)
  })

  it('signs at level 3 with a token that is bound to the key of the client', async () => {
    const documents = testDocuments(2)
    const detail = detailFor(qualified.credentialId, documents)
    const seen = documents.map(({ documentDigest }) => documentDigest)
    const token = await bound.credentialToken(sameBrowser(qualified), detail, { documents: seen })
    const hashes = documents.map(({ digest }) => digest.hash)
    const request = { credentialID: qualified.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
    assert.equal((await fapi.call('signatures/signHash', request, token)).status, 401)
    const { status, body } = await bound.call('signatures/signHash', request, token)
    assert.equal(status, 200)
    assert.equal((body as { signatures: unknown[] }).signatures.length, 2)
  })

  it('keeps its refresh token, which is of use to nobody else (5.3.2.1, 9)', async () => {
    const request = bound.begin({ scope: 'service' })
    const code = codeOf(await logIn(deployment, sameBrowser(alice), await bound.push(request), REDIRECT_URI))
    const first = (await bound.redeem(request, code)).body as Record<string, string>
    assert.equal(first['token_type'], 'DPoP')
    const refresh = { grant_type: 'refresh_token', refresh_token: first['refresh_token'] }
    for (let time = 0; time < 2; time++) {
      const { status, body } = await bound.form('token', refresh)
      assert.equal(status, 200)
      assert.equal((body as Record<string, string>)['refresh_token'], first['refresh_token'])
    }
    assert.equal((await fapi.form('token', refresh)).status, 400)
    const unproven = { client_assertion: undefined, client_assertion_type: undefined }
    assert.equal((await bound.form('token', { ...refresh, ...unproven })).status, 401)
  })

  it('gives no token that is bound to nothing', async () => {
    const request = fapi.begin({ scope: 'service' })
    const url = await fapi.push(request)
    const code = codeOf(await logIn(deployment, sameBrowser(alice), url, REDIRECT_URI))
    const answer = await fapi.redeem(request, code)
    assert.deepEqual([answer.status, (answer.body as { error: string }).error], [400, 'invalid_grant'])
  })
})

describe('signatures of level 3 (setting `profile`)', () => {
  const begin = (client: Application, signer: Signer) =>
    client.push(
      client.begin({
        authorization_details: JSON.stringify([detailFor(signer.credentialId, testDocuments(1))]),
      }),
    )

  it('are for clients of profile fapi2, and lower ones for all', async () => {
    assert.equal(await refusalOf(await begin(standard, qualified)), 'unauthorized_client')
    const asked = await begin(standard, alice)
    assert.equal((await openApproval(deployment, sameBrowser(alice), asked)).ticket.level, 1)
    const own = await begin(fapi, qualified)
    assert.equal((await openApproval(deployment, sameBrowser(qualified), own)).ticket.level, 3)
  })
})
