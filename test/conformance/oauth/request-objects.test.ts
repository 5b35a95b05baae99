/** Signed authorization requests: RFC 9101 (JAR), pushed (RFC 9126, 3); threats T-PAR-04. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import {
  type Application,
  approve,
  codeOf,
  createRequestKey,
  type Deployment,
  detailFor,
  enrolSigner,
  itemsFor,
  logIn,
  openApplication,
  openApproval,
  openBrowser,
  REDIRECT_URI,
  type RequestKey,
  requestClaims,
  type Signer,
  signJws,
  signRequestObject,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'

const KEYS = (['ES256', 'PS256', 'EdDSA'] as const).map(alg => createRequestKey(`key-${alg}`, alg))
const [key = createRequestKey()] = KEYS

let deployment: Deployment
let application: Application
let alice: Signer
before(async () => {
  const keys = KEYS.map(({ kid, publicKey }) => ({ kid, publicKey: toBase64url(publicKey) }))
  deployment = await startThrowaway({
    clients: [
      { id: 'portal', name: 'Portal', redirectUris: [REDIRECT_URI], keys },
      { id: 'keyless', name: 'Without keys', redirectUris: [REDIRECT_URI] },
    ],
  })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
})
after(() => deployment.stop())

const sameBrowser = (signer: Signer): Signer => ({ ...signer, browser: openBrowser() })
const detail = (count = 1) => detailFor(alice.credentialId, testDocuments(count))

/** The claims of a good request, with the authorization request's own parameters. */
function claims(changed: object = {}, clientId = 'portal') {
  const parameters = Object.fromEntries(openApplication(deployment, { clientId }).begin({}).parameters)
  const issuer = deployment.urls.server
  return { ...parameters, ...requestClaims({ clientId, issuer, detail: detail() }), ...changed }
}

const push = (request: string, parameters: Readonly<Record<string, string>> = {}) =>
  application.form('pushed_authorize', { request, ...parameters })

async function assertRefused(request: string, error = 'invalid_request_object') {
  const { status, body } = await push(request)
  assert.deepEqual([status, (body as { error: string }).error], [400, error])
}

describe('a pushed request object (RFC 9101; RFC 9126, 3; T-PAR-04)', () => {
  for (const one of KEYS) {
    it(`is taken when a registered key signed it: ${one.alg}`, async () => {
      assert.equal((await push(signRequestObject(one, claims()))).status, 201)
    })
  }

  it('leads to the approval page with exactly what was signed, and ends in a token', async () => {
    const signing = openApplication(deployment, { key })
    const request = signing.begin({ authorization_details: JSON.stringify([detail(2)]) })
    const person = sameBrowser(alice)
    const shown = await openApproval(deployment, person, await signing.push(request))
    assert.equal(shown.requestObject?.split('.').length, 3)
    const items = itemsFor(shown, [])
    assert.deepEqual(
      items.map(({ basis }) => basis),
      ['vouched', 'vouched'],
    )
    const cameBack = await approve(deployment, person, shown, { items, redirectUri: REDIRECT_URI })
    tokenOf(await signing.redeem(request, codeOf(cameBack)))
  })

  it('may ask for a log-in', async () => {
    const signing = openApplication(deployment, { key })
    const request = signing.begin({ scope: 'service' })
    const parameters = Object.fromEntries(request.parameters)
    const { authorization_details: _none, ...asked } = claims({ ...parameters, jti: 'a log-in' })
    const { body } = await push(signRequestObject(key, asked))
    const query = new URLSearchParams({
      client_id: 'portal',
      request_uri: (body as { request_uri: string }).request_uri,
    })
    const url = application.authorizeUrl(query)
    tokenOf(
      await signing.redeem(request, codeOf(await logIn(deployment, sameBrowser(alice), url, REDIRECT_URI))),
    )
  })

  it('wins over the parameters beside it', async () => {
    const { body } = await push(signRequestObject(key, claims()), {
      scope: 'service',
      redirect_uri: 'https://evil.example',
    })
    const query = new URLSearchParams({
      client_id: 'portal',
      request_uri: (body as { request_uri: string }).request_uri,
    })
    const shown = await openApproval(deployment, sameBrowser(alice), application.authorizeUrl(query))
    assert.equal(shown.items.length, 1)
  })

  const now = () => Math.floor(Date.now() / 1000)
  const wrong: Readonly<Record<string, () => string>> = {
    'alg none': () => signRequestObject(key, claims(), { alg: 'none' }),
    'no signature': () => `${signRequestObject(key, claims(), { alg: 'none' }).split('.', 2).join('.')}.`,
    'an algorithm that is not on the list (RS256)': () => signRequestObject(key, claims(), { alg: 'RS256' }),
    'a secret where a key belongs (HS256)': () => signRequestObject(key, claims(), { alg: 'HS256' }),
    'a key that is not registered': () => signRequestObject(createRequestKey(key.kid), claims()),
    'an expiry in the past': () => signRequestObject(key, claims({ exp: now() - 1 })),
    'no expiry': () => signRequestObject(key, claims({ exp: undefined })),
    'an expiry after more than an hour': () => signRequestObject(key, claims({ exp: now() + 3660 })),
    'a time before which it is not valid': () => signRequestObject(key, claims({ nbf: now() + 61 })),
    'a time of issue in the future': () => signRequestObject(key, claims({ iat: now() + 61 })),
    'another audience': () => signRequestObject(key, claims({ aud: 'https://elsewhere.example' })),
    'another issuer': () => signRequestObject(key, claims({ iss: 'keyless' })),
    'another client': () => signRequestObject(key, claims({ client_id: 'keyless' })),
    'another request inside': () => signRequestObject(key, claims({ request: 'x.y.z' })),
    'a subject, as an assertion of the client has it (RFC 9101, 10.8)': () =>
      signRequestObject(key, claims({ sub: 'portal' })),
    'any subject': () => signRequestObject(key, claims({ sub: 'somebody' })),
    'no id': () => signRequestObject(key, claims({ jti: undefined })),
    'no name of its key': () => signRequestObject(key, claims(), { kid: undefined }),
    'another type': () => signRequestObject(key, claims(), { typ: 'JWT' }),
    'a member twice': () => twice(key, claims()),
    'a label that nobody can read': () =>
      signRequestObject(key, claims({ authorization_details: [withLabel('contract\u202efdp.exe')] })),
  }
  for (const [what, request] of Object.entries(wrong)) {
    it(`is refused with ${what}`, async () => {
      await assertRefused(request())
      assert.equal((await push(signRequestObject(key, claims()))).status, 201)
    })
  }

  it('is taken of a client whose clock is seconds ahead (FAPI 2.0 Security Profile, 5.3.2.1)', async () => {
    assert.equal((await push(signRequestObject(key, claims({ nbf: now() + 8, iat: now() + 8 })))).status, 201)
  })

  it('is refused of a client without keys', async () => {
    const keyless = openApplication(deployment, { clientId: 'keyless' })
    const request = signRequestObject(key, claims({}, 'keyless'))
    assert.equal((await keyless.form('pushed_authorize', { request })).status, 400)
  })

  it('is refused where it was not pushed', async () => {
    const request = signRequestObject(key, claims())
    const query = new URLSearchParams({ client_id: 'portal', request })
    const url = application.authorizeUrl(query)
    await assert.rejects(openBrowser().visit(url, [REDIRECT_URI]), { status: 400 })
    assert.equal((await push(request)).status, 201)
  })

  it('that was pushed plainly is not taken for a signed one', async () => {
    const request = application.begin({ authorization_details: JSON.stringify([detail()]) })
    const shown = await openApproval(deployment, sameBrowser(alice), await application.push(request))
    assert.equal(shown.requestObject, undefined)
  })

  it('is in the metadata (RFC 9101, 10.5)', async () => {
    const url = `${deployment.urls.server}/.well-known/oauth-authorization-server`
    const metadata = (await (await fetch(url)).json()) as Record<string, unknown>
    assert.deepEqual(metadata['request_object_signing_alg_values_supported'], ['ES256', 'PS256', 'EdDSA'])
    assert.equal(metadata['request_parameter_supported'] ?? true, true)
  })

  function withLabel(label: string) {
    const hash = randomBytes(32).toString('base64')
    return { ...detail(), documentDigests: [{ hash, label }] }
  }
})

/** The last of two members counts for the provider's parser; other parsers take the first. */
function twice(signer: RequestKey, asked: object): string {
  const [head] = signRequestObject(signer, asked).split('.')
  const body = JSON.stringify(asked).replace('"iss"', '"jti":"again","iss"')
  const input = `${head}.${toBase64url(utf8(body))}`
  return `${input}.${toBase64url(signJws(signer, utf8(input)))}`
}
