/**
 * Attacks on the authorization server as a whole: what is done to every endpoint and every parameter (threats T-OA-01, -03,
 * -10 to -12; T-PAR-01, -03; T-RAR-01).
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import {
  type Application,
  approve,
  codeOf,
  type Deployment,
  detailFor,
  enrolSigner,
  itemsFor,
  logIn,
  openApplication,
  openApproval,
  openBrowser,
  PageRefused,
  REDIRECT_URI,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'

let deployment: Deployment
let application: Application
let alice: Signer
before(async () => {
  deployment = await startThrowaway()
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
})
after(() => deployment.stop())

const sameBrowser = (signer: Signer): Signer => ({ ...signer, browser: openBrowser() })
const serverUrl = (path: string) => `${deployment.urls.server}${path}`

describe('T-OA-01 a redirect URI that was changed anywhere', () => {
  it('leads nowhere, whatever was changed', async () => {
    const changed = fc.record({
      at: fc.nat(REDIRECT_URI.length),
      gone: fc.nat(2),
      come: fc.stringMatching(/^[ -~]{0,3}$/),
    })
    await fc.assert(
      fc.asyncProperty(changed, async ({ at, gone, come }) => {
        const redirect_uri = REDIRECT_URI.slice(0, at) + come + REDIRECT_URI.slice(at + gone)
        fc.pre(redirect_uri !== REDIRECT_URI)
        const { parameters } = application.begin({ redirect_uri })
        const answer = await fetch(application.authorizeUrl(parameters), { redirect: 'manual' })
        assert.deepEqual([answer.status, answer.headers.get('location')], [400, null])
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
  })
})

/** Everything that answers at an address. */
const PATHS = [
  '/',
  '/login',
  '/login/x',
  '/account',
  '/account/',
  '/account/log-out',
  '/logo.png',
  '/oauth2/authorize',
  '/oauth2/authorize/x',
  '/oauth2/pushed_authorize',
  '/oauth2/token',
  '/oauth2/revoke',
  '/oauth2/jwks',
  '/oauth2/log-out',
  '/oauth2/log-out/confirm',
  '/oauth2/log-out/success',
  '/.well-known/oauth-authorization-server',
  '/approvals/x',
  '/enrolments/x',
  '/grants/ticket',
  '/administration/x/y',
  '/authenticators/x',
  '/identity-providers/log-out',
  '/csc/',
  '/csc/v1/info',
  '/csc/v2/info',
  '/csc/v2/credentials/list',
  '/natsuin/v1/evidence',
  '/natsuin/v1/seals/ticket',
]

const SAYING_WHERE = [
  'next',
  'return_to',
  'returnTo',
  'url',
  'continue',
  'redirect',
  'redirect_uri',
  'post_logout_redirect_uri',
  'target_link_uri',
  'goto',
  'state',
]

describe('T-OA-03 an address of the attacker’s in any parameter', () => {
  const evil = 'https://evil.example/'
  const asked = new URLSearchParams(SAYING_WHERE.map(name => [name, evil]))

  for (const path of PATHS) {
    it(`leads nobody there: ${path}`, async () => {
      const url = serverUrl(`${path}?${asked}`)
      const headers = { 'x-forwarded-host': 'evil.example', referer: evil, accept: 'text/html' }
      for (const request of [{ headers }, { method: 'POST', body: asked, headers }]) {
        const answer = await fetch(url, { ...request, redirect: 'manual' })
        const leads = [answer.headers.get('location'), answer.headers.get('refresh')].join(' ')
        assert.doesNotMatch(leads, /evil\.example/)
        assert.doesNotMatch(await answer.text(), /href="https:\/\/evil|url=https:\/\/evil/)
      }
    })
  }
})

describe('T-OA-10 T-OA-11 T-OA-12 every answer', () => {
  for (const path of PATHS) {
    it(`is framed by nobody, tells nobody where it was, and carries no request on: ${path}`, async () => {
      for (const method of ['GET', 'POST']) {
        const { status, headers } = await fetch(serverUrl(path), { method, redirect: 'manual' })
        assert.ok(status !== 307 && status !== 308)
        assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
        assert.equal(headers.get('referrer-policy'), 'no-referrer')
        assert.equal(headers.get('x-content-type-options'), 'nosniff')
      }
    })
  }
})

describe('T-OA-12 tokens and codes', () => {
  /** A browser that remembers every address that it was sent to. */
  function rememberingBrowser() {
    const browser = openBrowser()
    const seen: string[] = []
    const visit: typeof browser.visit = async (url, stopAt) => {
      const end = await browser.visit(url, stopAt)
      seen.push(url, end)
      return end
    }
    return { seen, browser: { ...browser, visit } }
  }

  it('are in no address but the code’s, once, on its way to the client', async () => {
    const { seen, browser } = rememberingBrowser()
    const signer = { ...alice, browser }
    const log = application.begin({ scope: 'service' })
    const code = codeOf(
      await logIn(deployment, signer, application.authorizeUrl(log.parameters), REDIRECT_URI),
    )
    const { body } = await application.redeem(log, code)
    const detail = detailFor(alice.credentialId, testDocuments(1))
    const request = application.begin({ authorization_details: JSON.stringify([detail]) })
    const shown = await openApproval(deployment, signer, await application.push(request))
    const items = itemsFor(shown, [])
    const back = await approve(deployment, signer, shown, { items, redirectUri: REDIRECT_URI })
    const sad = tokenOf(await application.redeem(request, codeOf(back)))
    const { access_token, refresh_token } = body as Record<string, string>
    for (const secret of [access_token, refresh_token, sad]) {
      assert.ok(seen.every(url => !url.includes(String(secret))))
    }
    assert.ok(seen.filter(url => url.includes(code)).every(url => url.startsWith(REDIRECT_URI)))
  })

  it('are not taken from an address or a form', async () => {
    const token = await application.serviceToken(sameBrowser(alice))
    const url = `${deployment.urls.csc}credentials/list`
    const inQuery = await fetch(`${url}?access_token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const inForm = await fetch(url, { method: 'POST', body: new URLSearchParams({ access_token: token }) })
    const inBody = await application.call('credentials/list', { access_token: token })
    for (const { status } of [inQuery, inForm, inBody]) assert.equal(status, 400)
    assert.equal((await application.call('credentials/list', {}, token)).status, 200)
  })

  it('are kept by nobody in between', async () => {
    const request = application.begin({})
    for (const [endpoint, parameters] of [
      ['pushed_authorize', Object.fromEntries(request.parameters)],
      ['token', { grant_type: 'authorization_code', code: 'x' }],
      ['revoke', { token: 'x' }],
    ] as const) {
      const { headers } = await application.form(endpoint, parameters)
      assert.match(headers.get('cache-control') ?? '', /no-store/, endpoint)
    }
  })
})

describe('T-PAR-03 a parameter that is there twice', () => {
  const parameters = {
    response_type: 'code',
    client_id: 'application',
    redirect_uri: REDIRECT_URI,
    scope: 'credential',
    state: 'state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    credentialID: 'credential',
    numSignatures: '1',
    hashes: randomBytes(32).toString('base64url'),
    hashAlgorithmOID: SHA256_OID,
    description: 'Lease',
    lang: 'en',
    clientData: 'data',
    prompt: 'login',
    login_hint: 'alice',
    ui_locales: 'ja',
    dpop_jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
  } as const
  const pushed = (pairs: readonly (readonly [string, string])[]) =>
    fetch(serverUrl('/oauth2/pushed_authorize'), {
      method: 'POST',
      body: new URLSearchParams(pairs.map(([name, value]) => [name, value])),
    })

  it('is taken once', async () => {
    const answer = await pushed(Object.entries(parameters))
    assert.equal(answer.status, 201, await answer.text())
  })

  for (const [name, value] of Object.entries(parameters)) {
    it(`is refused: ${name}, the same or another, pushed or in the address`, async () => {
      for (const second of [value, 'another']) {
        const pairs = [...Object.entries(parameters), [name, second] as const]
        assert.ok([400, 401].includes((await pushed(pairs)).status))
        const query = new URLSearchParams(pairs.map(([one, other]) => [one, other]))
        const { status, headers } = await fetch(application.authorizeUrl(query), { redirect: 'manual' })
        const error = new URL(headers.get('location') ?? 'x:', 'x:').searchParams.get('error')
        assert.ok(status === 400 || error === 'invalid_request', `${status} ${error}`)
      }
    })
  }

  for (const endpoint of ['token', 'revoke'] as const) {
    it(`is refused at the ${endpoint} endpoint`, async () => {
      const good = {
        grant_type: 'refresh_token',
        refresh_token: 'x',
        token: 'x',
        token_type_hint: 'access_token',
      }
      for (const [name, value] of Object.entries(good)) {
        const { status, body } = await application.form(endpoint, { ...good, [name]: [value, value] })
        const relevant = endpoint === 'token' ? name.startsWith('token') === false : name.startsWith('token')
        if (relevant)
          assert.deepEqual([status, (body as { error: string }).error], [400, 'invalid_request'], name)
      }
    })
  }

  it('is not found in two places: the address of a form, and a body that is no form', async () => {
    const form = new URLSearchParams(parameters)
    const url = serverUrl('/oauth2/pushed_authorize')
    const other = new URLSearchParams({ scope: 'service', redirect_uri: 'https://evil.example' })
    const both = await fetch(`${url}?${other}`, { method: 'POST', body: form })
    const { request_uri } = (await both.json()) as { request_uri: string }
    const query = new URLSearchParams({ client_id: 'application', request_uri })
    const at = await openBrowser().visit(application.authorizeUrl(query), [REDIRECT_URI])
    // What was pushed is scope credential for a credential that is not there.
    assert.equal(new URL(at).searchParams.get('error_description'), 'Invalid parameter credentialID')
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const body = type === 'application/json' ? JSON.stringify(parameters) : form.toString()
      const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
      assert.equal(status, 400, type)
    }
  })
})

describe('T-PAR-01 a parameter beside a pushed request', () => {
  const names = [
    'scope',
    'redirect_uri',
    'state',
    'credentialID',
    'hashes',
    'response_type',
    'code_challenge',
  ]
  for (const name of names) {
    it(`changes nothing, or is refused: ${name}`, async () => {
      const pushedState = randomBytes(8).toString('base64url')
      const request = application.begin({ scope: 'service', state: pushedState })
      const url = new URL(await application.push(request))
      url.searchParams.set(name, name === 'redirect_uri' ? 'https://evil.example/' : 'other')
      try {
        const back = new URL(await logIn(deployment, sameBrowser(alice), url.href, REDIRECT_URI))
        assert.equal(back.searchParams.get('state'), pushedState)
        const { body } = await application.redeem(request, back.searchParams.get('code') ?? '')
        assert.equal((body as { scope: string }).scope, 'service')
      } catch (error) {
        assert.ok(error instanceof PageRefused && error.status === 400, String(error))
      }
    })
  }
})

describe('T-RAR-01 details that change on their way', () => {
  const good = () => detailFor(alice.credentialId, testDocuments(2))

  /** Approved as they are, and repeated at the token endpoint as they became. */
  async function repeated(detail: AuthorizationDetail, become: (detail: AuthorizationDetail) => unknown) {
    const request = application.begin({ authorization_details: JSON.stringify([detail]) })
    const signer = sameBrowser(alice)
    const shown = await openApproval(deployment, signer, await application.push(request))
    const items = itemsFor(shown, [])
    const back = await approve(deployment, signer, shown, { items, redirectUri: REDIRECT_URI })
    const authorization_details = JSON.stringify(become(detail))
    return application.redeem(request, codeOf(back), { authorization_details })
  }

  it('come to the token as they were pushed', async () => {
    const detail = good()
    const { status, body } = await repeated(detail, same => [same])
    assert.equal(status, 200)
    const granted = (body as { authorization_details: unknown }).authorization_details
    assert.deepEqual(granted, [detail])
  })

  const [first, second] = [randomBytes(32), randomBytes(32)].map(bytes => bytes.toString('base64'))
  const changes: Readonly<Record<string, (detail: AuthorizationDetail) => unknown>> = {
    'another credential': detail => [{ ...detail, credentialID: 'another' }],
    'another digest': detail => [{ ...detail, documentDigests: [{ hash: first, label: 'a' }] }],
    'one digest more': detail => [
      { ...detail, documentDigests: [...detail.documentDigests, { hash: second, label: 'b' }] },
    ],
    'one digest less': detail => [{ ...detail, documentDigests: detail.documentDigests.slice(1) }],
    'another order': detail => [{ ...detail, documentDigests: detail.documentDigests.toReversed() }],
    'another label': detail => [
      { ...detail, documentDigests: detail.documentDigests.map(digest => ({ ...digest, label: 'x' })) },
    ],
    'another algorithm': detail => [{ ...detail, hashAlgorithmOID: '2.16.840.1.101.3.4.2.8' }],
    'a count': detail => [{ ...detail, numSignatures: 2 }],
    'another type': detail => [{ ...detail, type: 'https://cloudsignatureconsortium.org/2025/credential' }],
    'a second entry': detail => [detail, detail],
    'no list': detail => detail,
  }
  for (const [what, change] of Object.entries(changes)) {
    it(`are refused with ${what}`, async () => {
      const { status, body } = await repeated(good(), change)
      assert.equal(status, 400)
      assert.equal((body as { error: string }).error, 'invalid_authorization_details')
    })
  }
})
