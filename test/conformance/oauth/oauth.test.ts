/**
 * The authorization server: CSC API v2.0.0.2, 8.4; RFC 6749, 7009, 7636, 9126, 9207, 9396. Ids: reference
 * catalogue, section 18 (O-), and threats (T-OA, T-PAR, T-RAR).
 */
import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import {
  type Application,
  approve,
  type BegunRequest,
  codeOf,
  type Deployment,
  decline,
  detailFor,
  enrolSigner,
  itemsFor,
  logIn,
  openApplication,
  openApproval,
  openBrowser,
  PageRefused,
  REDIRECT_URI,
  type RequestParameters,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'

let deployment: Deployment
let application: Application
let other: Application
let alice: Signer
let bob: Signer
before(async () => {
  deployment = await startThrowaway({
    clients: [
      { id: 'application', name: 'Test application', redirectUris: [REDIRECT_URI] },
      { id: 'other-application', name: 'Another application', redirectUris: [REDIRECT_URI] },
      { id: 'several', name: 'Several', redirectUris: [REDIRECT_URI, `${REDIRECT_URI}/second`] },
      { id: 'confidential', name: 'Confidential', redirectUris: [REDIRECT_URI], secret: 'its secret' },
      {
        id: 'restricted',
        name: 'Restricted',
        redirectUris: [REDIRECT_URI],
        secret: 'its secret',
        registration: { accounts: ['acct-0001'] },
      },
    ],
  })
  application = openApplication(deployment)
  other = openApplication(deployment, { clientId: 'other-application' })
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
})
after(() => deployment.stop())

interface TokenAnswer {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
  readonly refresh_token?: string
  readonly authorization_details?: unknown
}

const hash = () => randomBytes(32).toString('base64')
const sameBrowser = (signer: Signer): Signer => ({ ...signer, browser: openBrowser() })

/** The signer logs in; the code that comes of it. */
async function serviceCode(request: BegunRequest, signer = sameBrowser(alice)): Promise<string> {
  return codeOf(await logIn(deployment, signer, application.authorizeUrl(request.parameters), REDIRECT_URI))
}

/** The signer approves what the URL asks for, unseen; where the browser ends. */
async function approveAt(url: string, signer = sameBrowser(alice)): Promise<string> {
  const shown = await openApproval(deployment, signer, url)
  return approve(deployment, signer, shown, { items: itemsFor(shown, []), redirectUri: REDIRECT_URI })
}

async function credentialAnswer(detail: AuthorizationDetail): Promise<TokenAnswer> {
  const request = application.begin({ authorization_details: JSON.stringify([detail]) })
  const answer = await application.redeem(request, codeOf(await approveAt(await application.push(request))))
  tokenOf(answer)
  return answer.body as TokenAnswer
}

/** Where an authorization request leads when nobody is asked. */
async function redirectOf(url: string): Promise<URLSearchParams> {
  const { search, hash: fragment } = new URL(await openBrowser().visit(url, [REDIRECT_URI]))
  return new URLSearchParams(search || fragment.slice(1))
}

async function assertPushRefused(parameters: RequestParameters, error: string, description?: string) {
  const { status, body } = await application.form('pushed_authorize', {
    ...Object.fromEntries(application.begin({}).parameters),
    ...parameters,
  })
  const { error: said, error_description } = body as { error: string; error_description: string }
  assert.equal(said, error, JSON.stringify(parameters).slice(0, 200))
  assert.equal(status, 400)
  if (description !== undefined) assert.equal(error_description, description)
}

describe('O-01 authorization code with PKCE, scope service (CSC API v2.0.0.2, 8.4.2; RFC 7636)', () => {
  it('gives a bearer token for an hour, with issuer and state in the redirect (RFC 9207)', async () => {
    const request = application.begin({ scope: 'service', state: 'the state' })
    const url = application.authorizeUrl(request.parameters)
    const cameBack = new URL(await logIn(deployment, sameBrowser(alice), url, REDIRECT_URI)).searchParams
    assert.equal(cameBack.get('state'), 'the state')
    assert.equal(cameBack.get('iss'), deployment.urls.server)
    const { status, headers, body } = await application.redeem(request, cameBack.get('code') ?? '')
    const { access_token, ...rest } = body as TokenAnswer
    assert.equal(status, 200)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.match(access_token, /^[\w-]{43,}$/)
    const { refresh_token, ...others } = rest
    assert.match(refresh_token ?? '', /^[\w-]{43,}$/)
    assert.deepEqual(
      { ...others, expires_in: 3600 },
      { token_type: 'Bearer', expires_in: 3600, scope: 'service' },
    )
    assert.ok(rest.expires_in > 3500 && rest.expires_in <= 3600)
  })

  it('means service when no scope is named', async () => {
    const request = application.begin({})
    const { body } = await application.redeem(request, await serviceCode(request))
    assert.equal((body as TokenAnswer).scope, 'service')
  })

  it('refuses a wrong, a missing and a malformed verifier (T-OA-05, T-OA-06)', async () => {
    for (const code_verifier of [
      'a'.repeat(43),
      undefined,
      'a'.repeat(42),
      'a'.repeat(129),
      `${'a'.repeat(42)}!`,
    ]) {
      const request = application.begin({})
      const { status, body } = await application.redeem(request, await serviceCode(request), {
        code_verifier,
      })
      assert.equal(status, 400)
      assert.match((body as { error: string }).error, /^invalid_(grant|request)$/)
    }
  })

  it('refuses a request without PKCE, with plain, and with half of it (T-OA-06)', async () => {
    await assertPushRefused(
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
    )
    await assertPushRefused({ code_challenge_method: 'plain' }, 'invalid_request')
    await assertPushRefused({ code_challenge_method: undefined }, 'invalid_request')
    await assertPushRefused({ code_challenge: undefined }, 'invalid_request')
    await assertPushRefused({ code_challenge: 'short' }, 'invalid_request')
  })

  it('asks the signer each time: an earlier log-in answers for nothing', async () => {
    const signer = sameBrowser(alice)
    const first = application.begin({})
    await application.redeem(first, await serviceCode(first, signer))
    const again = application.authorizeUrl(application.begin({}).parameters)
    const at = await signer.browser.visit(again, [`${deployment.urls.server}/login/`])
    assert.ok(at.startsWith(`${deployment.urls.server}/login/`))
    const silent = await redirectOf(
      application.authorizeUrl(application.begin({ prompt: 'none' }).parameters),
    )
    assert.equal(silent.get('error'), 'login_required')
  })
})

describe('O-02 O-05 credential authorization (CSC API v2.0.0.2, 8.4.2 to 8.4.4; RFC 9396)', () => {
  it('echoes authorization_details and gives a token that lives as long as the SAD', async () => {
    const detail = detailFor(alice.credentialId, testDocuments(2))
    const { access_token, expires_in, ...rest } = await credentialAnswer(detail)
    assert.deepEqual(rest, { token_type: 'Bearer', scope: 'credential', authorization_details: [detail] })
    assert.ok(expires_in > 250 && expires_in <= 300)
    assert.ok(access_token)
  })

  it('keeps what the details carry for the approval page: labels, signed attributes, document digests', async () => {
    const [dtbs, documentDigest] = [randomBytes(120), randomBytes(32)]
    const digest = { hash: hash(), label: '契約書.pdf', dtbs: dtbs.toString('base64') }
    const detail: AuthorizationDetail = {
      ...detailFor(alice.credentialId, []),
      numSignatures: 1,
      documentDigests: [{ ...digest, hashType: 'dtbsr', documentDigest: documentDigest.toString('base64') }],
    }
    const request = application.begin({
      scope: 'credential',
      authorization_details: JSON.stringify([detail]),
    })
    const { items } = await openApproval(deployment, sameBrowser(alice), await application.push(request))
    assert.deepEqual(items, [
      {
        label: '契約書.pdf',
        dtbsr: new Uint8Array(Buffer.from(digest.hash, 'base64')),
        dtbs: new Uint8Array(dtbs),
        documentDigest: new Uint8Array(documentDigest),
      },
    ])
  })

  it('takes the parameters instead of details, base64url with and without padding', async () => {
    const plain = hash()
    const spellings = [
      plain,
      plain.replaceAll('+', '-').replaceAll('/', '_'),
      Buffer.from(plain, 'base64').toString('base64url'),
    ]
    for (const hashes of spellings) {
      const request = application.begin({
        scope: 'credential',
        credentialID: alice.credentialId,
        numSignatures: '1',
        hashes,
        hashAlgorithmOID: SHA256_OID,
        description: 'Lease',
      })
      const url = application.authorizeUrl(request.parameters)
      const answer = await application.redeem(request, codeOf(await approveAt(url)))
      const signed = await application.call(
        'signatures/signHash',
        { credentialID: alice.credentialId, hashes: [plain], signAlgo: '1.2.840.10045.4.3.2' },
        tokenOf(answer),
      )
      assert.equal(signed.status, 200, hashes)
    }
  })

  it('takes the details once more at the token endpoint, unchanged only (T-RAR-01)', async () => {
    const detail = detailFor(alice.credentialId, testDocuments(1))
    const redeemed = async (repeated: object) => {
      const request = application.begin({ authorization_details: JSON.stringify([detail]) })
      const code = codeOf(await approveAt(await application.push(request)))
      return application.redeem(request, code, { authorization_details: JSON.stringify([repeated]) })
    }
    const { hashAlgorithmOID, ...rest } = detail
    assert.equal((await redeemed({ hashAlgorithmOID, ...rest })).status, 200)
    const changed = await redeemed({ ...detail, documentDigests: [{ hash: hash(), label: 'x' }] })
    assert.equal(changed.status, 400)
    assert.equal((changed.body as { error: string }).error, 'invalid_authorization_details')
  })

  it('comes back with access_denied when the signer declines', async () => {
    const request = application.begin({
      authorization_details: JSON.stringify([detailFor(alice.credentialId, testDocuments(1))]),
    })
    const signer = sameBrowser(alice)
    const shown = await openApproval(deployment, signer, await application.push(request))
    const answer = new URL(await decline(deployment, signer, shown, REDIRECT_URI)).searchParams
    assert.equal(answer.get('error'), 'access_denied')
    assert.equal(answer.get('code'), null)
    await assert.rejects(
      approve(deployment, signer, shown, { items: itemsFor(shown, []), redirectUri: REDIRECT_URI }),
      (error: PageRefused) => error.code === 'approval-closed' && error.status === 409,
    )
  })

  it('refuses a credential that is not there, before anybody is asked', async () => {
    const details = JSON.stringify([detailFor('unknown', testDocuments(1))])
    const url = await application.push(application.begin({ authorization_details: details }))
    const answer = await redirectOf(url)
    assert.equal(answer.get('error'), 'invalid_request')
    assert.equal(answer.get('error_description'), 'Invalid parameter credentialID')
  })

  it('refuses to ask for one signer’s approval where another is logged in', async () => {
    const signer = sameBrowser(bob)
    const first = application.begin({})
    await application.redeem(first, await serviceCode(first, signer))
    const details = JSON.stringify([detailFor(alice.credentialId, testDocuments(1))])
    const url = await application.push(application.begin({ authorization_details: details }))
    const answer = new URL(await signer.browser.visit(url, [REDIRECT_URI])).searchParams
    assert.equal(answer.get('error'), 'access_denied')
  })
})

describe('the browser that began is the one that finishes (sole-control 4, step 6; T-OA-09)', () => {
  const begun = async () => {
    const request = application.begin({
      authorization_details: JSON.stringify([detailFor(alice.credentialId, testDocuments(1))]),
    })
    return { request, url: await application.push(request) }
  }

  it('an approval does not go on in a browser that did not begin it', async () => {
    const { url } = await begun()
    const shown = await openApproval(deployment, sameBrowser(alice), url)
    const elsewhere = sameBrowser(alice)
    await assert.rejects(
      approve(deployment, elsewhere, shown, { items: itemsFor(shown, []), redirectUri: REDIRECT_URI }),
      (error: PageRefused) => error.status === 400,
    )
  })

  it('nor in the one that began it, without what the approving page got', async () => {
    const { url } = await begun()
    const attacker = sameBrowser(alice)
    const shown = await openApproval(deployment, attacker, url)
    const victim = { ...alice, browser: openBrowser() }
    await approve(deployment, victim, shown, { items: itemsFor(shown, []), redirectUri: REDIRECT_URI }).catch(
      () => undefined,
    )
    const resume = `${deployment.urls.server}/oauth2/authorize/${uidOf(attacker)}`
    await assert.rejects(attacker.browser.visit(resume, [REDIRECT_URI]), (e: PageRefused) => e.status === 403)
  })

  // The provider goes by the cookie, and its router by path segments without regard to case or a final slash.
  for (const [spelling, pathFor] of [
    ['as it is', (uid: string) => `authorize/${uid}`],
    ['with a slash at the end', (uid: string) => `authorize/${uid}/`],
    ['in capitals', (uid: string) => `AUTHORIZE/${uid}`],
    ['with the id escaped', (uid: string) => `authorize/%${uid.charCodeAt(0).toString(16)}${uid.slice(1)}`],
    ['of another interaction', () => 'authorize/another'],
  ] as const) {
    it(`nor with its cookies under the path ${spelling}`, async () => {
      const { url } = await begun()
      const attacker = sameBrowser(alice)
      const shown = await openApproval(deployment, attacker, url)
      const victim = { ...alice, browser: openBrowser() }
      await assert.rejects(
        approve(deployment, victim, shown, { items: itemsFor(shown, []), redirectUri: REDIRECT_URI }),
        PageRefused,
      )
      const cookie = ['_interaction_resume', '_interaction_resume.sig']
        .map(name => `${name}=${attacker.browser.cookieOf(deployment.urls.server, name)}`)
        .join('; ')
      const resume = `${deployment.urls.server}/oauth2/${pathFor(uidOf(attacker))}`
      const { status, headers } = await fetch(resume, { headers: { cookie }, redirect: 'manual' })
      assert.equal(headers.get('location'), null)
      assert.equal(status, 403)
    })
  }

  it('a log-in that is cancelled comes back with access_denied', async () => {
    const browser = openBrowser()
    const url = application.authorizeUrl(application.begin({}).parameters)
    const at = await browser.visit(url, [`${deployment.urls.server}/login/`])
    const { continue: next } = await browser.post(`${at}/cancel`, {})
    const answer = new URL(await browser.visit(String(next), [REDIRECT_URI])).searchParams
    assert.equal(answer.get('error'), 'access_denied')
    assert.equal(answer.get('error_description'), 'The signer declined')
  })

  it('a log-in page works only where its cookie is', async () => {
    const url = application.authorizeUrl(application.begin({}).parameters)
    const login = `${deployment.urls.server}/login/`
    const at = await openBrowser().visit(url, [login])
    await assert.rejects(
      openBrowser().post(`${at}/options`, {}),
      (error: PageRefused) => error.status === 403 && error.code === 'log-in-foreign-browser',
    )
  })

  /** The interaction's id is in the path of the cookie that the browser got. */
  function uidOf({ browser }: Signer): string {
    return browser.cookieOf(deployment.urls.server, '_interaction_resume')
  }
})

describe('O-03 one scope per request (CSC API v2.0.0.2, 8.4.2)', () => {
  for (const scope of ['service credential', 'credential service', 'openid', 'service openid', 'admin']) {
    it(`refuses ${JSON.stringify(scope)}`, () => assertPushRefused({ scope }, 'invalid_scope'))
  }

  it('refuses details with scope service', () =>
    assertPushRefused(
      { scope: 'service', authorization_details: JSON.stringify([detailFor('c', testDocuments(1))]) },
      'invalid_scope',
    ))

  it('refuses scope credential without anything to sign', () =>
    assertPushRefused({ scope: 'credential' }, 'invalid_request', 'Missing parameter credentialID'))
})

describe('O-07 account_token (CSC API v1.0.4.0, 8.3.1; v2.0.0.2, 8.4.1)', () => {
  const token = (members: object = {}) => {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { sub: 'acct-0001', iat, jti: randomUUID(), azp: 'restricted', ...members }
    const parts = [{ typ: 'JWT', alg: 'HS256' }, claims]
    const input = parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const key = createHash('sha256').update('its secret').digest()
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
  }
  const push = async (account_token: string | undefined) => {
    const restricted = openApplication(deployment, { clientId: 'restricted' })
    const parameters = Object.fromEntries(restricted.begin({}).parameters)
    const proof = { client_secret: 'its secret' }
    return restricted.form('pushed_authorize', { ...parameters, ...proof, account_token })
  }
  const refused = (description: string) => ({ error: 'invalid_request', error_description: description })

  it('is taken once, and leads on when it was pushed', async () => {
    const given = token()
    const { status, body } = await push(given)
    assert.equal(status, 201)
    const { request_uri } = body as { request_uri: string }
    const url = application.authorizeUrl(new URLSearchParams({ client_id: 'restricted', request_uri }))
    const login = `${deployment.urls.server}/login/`
    assert.ok((await openBrowser().visit(url, [login])).startsWith(login))
    assert.deepEqual((await push(given)).body, refused('Invalid parameter account_token'))
  })

  it('is needed of a client with named accounts, and its account is one of them', async () => {
    assert.deepEqual((await push(undefined)).body, refused('Missing parameter account_token'))
    for (const wrong of [
      token({ sub: 'acct-0002' }),
      token({ azp: 'application' }),
      token({ iat: Math.floor(Date.now() / 1000) - 301 }),
      `${token()}x`,
    ]) {
      assert.deepEqual((await push(wrong)).body, refused('Invalid parameter account_token'))
    }
  })

  it('is refused of a client that has no secret to make one with', () =>
    assertPushRefused({ account_token: token() }, 'invalid_request', 'Invalid parameter account_token'))
})

describe('O-04 pushed authorization requests (RFC 9126; T-PAR)', () => {
  it('answers 201 with a URI for a minute', async () => {
    const parameters = Object.fromEntries(application.begin({}).parameters)
    const { status, body, headers } = await application.form('pushed_authorize', parameters)
    const { request_uri, expires_in } = body as { request_uri: string; expires_in: number }
    assert.equal(status, 201)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.match(request_uri, /^urn:ietf:params:oauth:request_uri:[\w-]{22,}$/)
    assert.ok(expires_in > 0 && expires_in <= 90)
  })

  it('a request_uri ends in one code (T-PAR-02)', async () => {
    const request = application.begin({})
    const url = await application.push(request)
    const signer = sameBrowser(alice)
    codeOf(await logIn(deployment, signer, url, REDIRECT_URI))
    await assert.rejects(logIn(deployment, sameBrowser(alice), url, REDIRECT_URI), PageRefused)
  })

  it('refuses a request_uri of another client, a guessed one, and an address (T-PAR-02)', async () => {
    const pushed = new URL(await application.push(application.begin({})))
    const uris = [
      pushed.searchParams.get('request_uri') ?? '',
      'urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAAAA',
      'https://attacker.example/request',
      `${deployment.urls.server}/request`,
    ]
    for (const request_uri of uris) {
      const url = other.authorizeUrl(new URLSearchParams({ client_id: other.clientId, request_uri }))
      const response = await fetch(url, { redirect: 'manual' })
      assert.equal(response.status, 400, request_uri)
      assert.equal(response.headers.get('location'), null)
    }
  })

  it('the pushed parameters win over those beside request_uri (T-PAR-01)', async () => {
    const detail = detailFor(alice.credentialId, testDocuments(1))
    const url = new URL(
      await application.push(application.begin({ authorization_details: JSON.stringify([detail]) })),
    )
    url.searchParams.set('scope', 'service')
    url.searchParams.set('redirect_uri', 'https://attacker.example/')
    url.searchParams.set(
      'authorization_details',
      JSON.stringify([detailFor(bob.credentialId, testDocuments(9))]),
    )
    const { items, ticket } = await openApproval(deployment, sameBrowser(alice), url.href)
    assert.equal(items.length, 1)
    assert.equal(ticket.credential.id, alice.credentialId)
  })

  it('refuses a repeated parameter (T-PAR-03)', async () => {
    for (const name of [
      'scope',
      'redirect_uri',
      'code_challenge',
      'state',
      'credentialID',
      'response_type',
    ]) {
      await assertPushRefused({ [name]: ['x', 'y'] }, 'invalid_request')
    }
  })
})

describe('authorization_details are read strictly (RFC 9396; T-RAR-02, T-RAR-04)', () => {
  const good = () => detailFor('some-credential', testDocuments(2))
  const push = (written: string) =>
    assertPushRefused({ authorization_details: written }, 'invalid_authorization_details')
  const pushOne = (members: object) => push(JSON.stringify([{ ...good(), ...members }]))
  const label = (text: string) => pushOne({ documentDigests: [{ hash: hash(), label: text }] })

  it('takes the good one', async () => {
    await application.push(application.begin({ authorization_details: JSON.stringify([good()]) }))
  })

  it('takes the type of v2.2 too', async () => {
    const type = 'https://cloudsignatureconsortium.org/2025/credential'
    await application.push(
      application.begin({ authorization_details: JSON.stringify([{ ...good(), type }]) }),
    )
  })

  it('refuses what is not one detail of a known type', async () => {
    for (const written of ['{', 'null', '{}', '[[]]', JSON.stringify([good(), good()])]) await push(written)
    await pushOne({ type: 'other' })
    await pushOne({ type: '__proto__' })
    await pushOne({ type: 7 })
  })

  it('refuses unknown members, doubled members and __proto__', async () => {
    await pushOne({ extra: true })
    const written = JSON.stringify([good()])
    await push(written.replace('{"type"', '{"numSignatures":9,"numSignatures":2,"type"'))
    await push(written.replace('{"type"', '{"__proto__":{"a":1},"type"'))
    await push(written.replace('"label"', '"hash":"AA==","label"'))
  })

  it('refuses a number of signatures that is not the number of digests (T-SAD-22)', async () => {
    for (const numSignatures of [0, 1, 3, -1, 1.5, '2', 1e9, 2 ** 53]) await pushOne({ numSignatures })
    await application.push(
      application.begin({ authorization_details: JSON.stringify([{ ...good(), numSignatures: 2 }]) }),
    )
  })

  it('refuses digests in another spelling, of another length, and of a refused algorithm (G5, T-SAD-08)', async () => {
    const digest = hash()
    const spellings = [
      digest.replace(/=$/, ''),
      `${digest} `,
      `${digest},${digest}`,
      digest.replace('=', '%3D'),
      '',
      7,
    ]
    for (const one of spellings) await pushOne({ documentDigests: [{ hash: one, label: 'a' }] })
    await pushOne({ documentDigests: [{ hash: Buffer.alloc(48).toString('base64'), label: 'a' }] })
    await pushOne({ hashAlgorithmOID: '1.3.14.3.2.26' })
    await pushOne({ hashAlgorithmOID: undefined })
  })

  it('refuses to authorize a credential without digests, however many signatures are asked for (T-SAD-21)', async () => {
    for (const numSignatures of [undefined, 1, 2])
      await pushOne({ numSignatures, documentDigests: undefined })
    await pushOne({ SCAL: '1', documentDigests: undefined })
    const { credentialId: credentialID } = alice
    const parameters = { scope: 'credential', credentialID, hashAlgorithmOID: SHA256_OID }
    for (const numSignatures of ['1', '2'])
      await assertPushRefused({ ...parameters, numSignatures }, 'invalid_request')
    await application.push(application.begin({ ...parameters, numSignatures: '1', hashes: hash() }))
  })

  it('takes 1000 digests and refuses 1001, and none (T-LIM-03)', async () => {
    const documentDigests = testDocuments(1001).map(({ digest }) => digest)
    const thousand = { ...good(), documentDigests: documentDigests.slice(1) }
    await application.push(application.begin({ authorization_details: JSON.stringify([thousand]) }))
    await pushOne({ documentDigests })
    await pushOne({ documentDigests: [] })
  })

  it('takes signed attributes for all of them, which is megabytes', async () => {
    const dtbs = randomBytes(4096).toString('base64')
    const documentDigests = testDocuments(1000).map(({ digest }) => ({ ...digest, dtbs }))
    await application.push(
      application.begin({ authorization_details: JSON.stringify([{ ...good(), documentDigests }]) }),
    )
  })

  it('refuses labels that are not visible text of at most 255 characters (T-RAR-04)', async () => {
    await application.push(
      application.begin({
        authorization_details: JSON.stringify([
          { ...good(), documentDigests: [{ hash: hash(), label: 'あ'.repeat(255) }] },
        ]),
      }),
    )
    for (const text of ['', 'a'.repeat(256), 'a\nb', 'gpj.\u202Efdp', 'zero\u200Bwidth', '\u0000'])
      await label(text)
  })

  it('refuses details beside the parameters they replace (T-RAR-03)', async () => {
    const authorization_details = JSON.stringify([good()])
    for (const [name, value] of Object.entries({ credentialID: 'c', numSignatures: '2', hashes: 'AA' })) {
      await assertPushRefused({ authorization_details, [name]: value }, 'invalid_request')
    }
  })
})

describe('O-08 the token endpoint (CSC API v1.0.4.0, 8.3.3; v2.0.0.2, 8.4.4; RFC 6749, 5.2)', () => {
  const form = (parameters: RequestParameters) => application.form('token', parameters)
  const code = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code_verifier: 'v'.repeat(43) }
  const refresh = { grant_type: 'refresh_token' }
  const rows: Readonly<Record<string, readonly [RequestParameters, number, string, string]>> = {
    'no client_id': [
      { ...code, code: 'x', client_id: undefined },
      400,
      'invalid_request',
      'Missing parameter client_id',
    ],
    'no grant_type': [{ code: 'x' }, 400, 'invalid_request', 'Missing parameter grant_type'],
    'a bad grant_type': [
      { grant_type: 'password' },
      400,
      'unsupported_grant_type',
      'Invalid parameter grant_type',
    ],
    'no code': [code, 400, 'invalid_request', 'Missing parameter code'],
    'no refresh_token': [refresh, 400, 'invalid_request', 'Missing parameter refresh_token'],
    'a bad client_id': [
      { ...code, code: 'x', client_id: 'nobody' },
      401,
      'invalid_client',
      'Invalid parameter client_id',
    ],
    'a bad code': [{ ...code, code: 'x' }, 400, 'invalid_grant', 'Invalid parameter code'],
    'a bad refresh_token': [
      { ...refresh, refresh_token: 'x' },
      400,
      'invalid_grant',
      'Invalid parameter refresh_token',
    ],
    'no client authentication': [
      { ...code, code: 'x', client_id: 'confidential' },
      401,
      'invalid_client',
      'Client authorization required',
    ],
    'a wrong secret': [
      { ...code, code: 'x', client_id: 'confidential', client_secret: 'wrong' },
      401,
      'invalid_client',
      'Invalid parameter client_secret',
    ],
  }
  for (const [what, [parameters, status, error, error_description]] of Object.entries(rows)) {
    it(`words ${what}`, async () => {
      const answer = await form(parameters)
      assert.deepEqual([answer.status, answer.body], [status, { error, error_description }])
    })
  }

  it('words another redirect_uri, a used code, and one with a wrong verifier', async () => {
    const request = application.begin({})
    const given = await serviceCode(request)
    const description = async (parameters: RequestParameters) => {
      const { status, body } = await application.redeem(request, given, parameters)
      return [status, (body as { error_description: string }).error_description]
    }
    assert.deepEqual(await description({ redirect_uri: `${REDIRECT_URI}/` }), [
      400,
      'redirect_uri parameter does not match redirect_uri parameter of authorization request',
    ])
    assert.deepEqual(await description({ code_verifier: 'a'.repeat(43) }), [
      400,
      'Invalid parameter code_verifier',
    ])
    tokenOf(await application.redeem(request, given))
    assert.deepEqual(await description({}), [400, 'Authorization code is invalid or expired'])
  })

  it('refuses the deprecated grants and those that CSC does not need here (T-OA-18)', async () => {
    for (const grant_type of [
      'password',
      'implicit',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ]) {
      const { status, body } = await application.form('token', { grant_type })
      assert.equal(status, 400)
      assert.match((body as { error: string }).error, /^(unsupported_grant_type|invalid_request)$/)
    }
    for (const response_type of ['token', 'id_token', 'code id_token', 'none']) {
      const answer = await redirectOf(
        application.authorizeUrl(application.begin({ response_type }).parameters),
      )
      assert.equal(answer.get('error'), 'unsupported_response_type')
    }
  })

  it('needs the redirect_uri in the request and with the code, also where one alone is registered (T-OA-02)', async () => {
    for (const client_id of ['application', 'several']) {
      const { parameters } = application.begin({ client_id, redirect_uri: undefined })
      const answer = await fetch(application.authorizeUrl(parameters), { redirect: 'manual' })
      assert.deepEqual([answer.status, answer.headers.get('location')], [400, null])
      await assertPushRefused({ client_id, redirect_uri: undefined }, 'invalid_request')
    }
    const request = application.begin({})
    const code = await serviceCode(request)
    const { body } = await application.redeem(request, code, { redirect_uri: undefined })
    assert.equal((body as { error: string }).error, 'invalid_request')
    tokenOf(await application.redeem(request, code))
  })

  it('refuses another redirect_uri than that of the request (T-OA-02)', async () => {
    const request = application.begin({})
    const code = await serviceCode(request)
    const { body } = await application.redeem(request, code, { redirect_uri: `${REDIRECT_URI}/` })
    assert.equal((body as { error: string }).error, 'invalid_grant')
  })

  it('refuses the code of another client (T-OA-07)', async () => {
    const request = application.begin({})
    const { body } = await other.redeem(request, await serviceCode(request))
    assert.equal((body as { error: string }).error, 'invalid_grant')
  })

  it('gives one token for a code, and none once it was used twice (T-OA-04)', async () => {
    const request = application.begin({})
    const code = await serviceCode(request)
    const token = tokenOf(await application.redeem(request, code))
    assert.equal((await application.call('credentials/list', {}, token)).status, 200)
    const { status, body } = await application.redeem(request, code)
    assert.deepEqual(body, {
      error: 'invalid_grant',
      error_description: 'Authorization code is invalid or expired',
    })
    assert.equal(status, 400)
    assert.equal((await application.call('credentials/list', {}, token)).status, 401)
  })

  it('gives none for a code that is older than a minute (T-OA-04, T-LIM-05)', async () => {
    const request = application.begin({})
    const [old, young] = [await serviceCode(request), await serviceCode(request)]
    assert.equal(ageCode(old, 61), 60)
    assert.deepEqual((await application.redeem(request, old)).body, {
      error: 'invalid_grant',
      error_description: 'Authorization code is invalid or expired',
    })
    ageCode(young, 30)
    tokenOf(await application.redeem(request, young))
  })

  /** Makes it as old as if so many seconds had passed; for how many seconds it was made. */
  function ageCode(code: string, seconds: number): number {
    const database = new DatabaseSync(join(deployment.directory, 'server', 'server.db'), { timeout: 10_000 })
    const id = createHash('sha256').update(code).digest('base64url')
    const where = `where model = 'AuthorizationCode' and id_digest = ?`
    const row = database.prepare(`select payload from oauth_records ${where}`).get(id)
    const payload = JSON.parse(String(row?.['payload'])) as { iat: number; exp: number }
    const aged = { ...payload, iat: payload.iat - seconds, exp: payload.exp - seconds }
    database.prepare(`update oauth_records set payload = ? ${where}`).run(JSON.stringify(aged), id)
    database.close()
    return payload.exp - payload.iat
  }

  it('gives no working token when a code is used fifty times at once (T-OA-04)', async () => {
    const request = application.begin({})
    const code = await serviceCode(request)
    const answers = await Promise.all(Array.from({ length: 50 }, () => application.redeem(request, code)))
    const tokens = answers.filter(({ status }) => status === 200).map(tokenOf)
    assert.ok(tokens.length <= 1)
    for (const token of tokens) {
      assert.equal((await application.call('credentials/list', {}, token)).status, 401)
    }
  })
})

describe('O-08 revocation (CSC API v1.0.4.0, 8.3.4; v2.0.0.2, 8.4.5; RFC 7009)', () => {
  const refused = (description: string) => ({ error: 'invalid_request', error_description: description })

  it('answers 204, and the token is dead', async () => {
    const token = await application.serviceToken(sameBrowser(alice))
    const { status, body } = await application.form('revoke', { token })
    assert.equal(status, 204)
    assert.equal(body, undefined)
    assert.equal((await application.call('credentials/list', {}, token)).status, 401)
  })

  it('kills a credential token before it has signed', async () => {
    const detail = detailFor(alice.credentialId, testDocuments(1))
    const { access_token: token } = await credentialAnswer(detail)
    assert.equal((await application.form('revoke', { token, token_type_hint: 'access_token' })).status, 204)
    const hashes = detail.documentDigests.map(digest => digest.hash)
    const request = { credentialID: alice.credentialId, hashes, signAlgo: '1.2.840.10045.4.3.2' }
    assert.equal((await application.call('signatures/signHash', request, token)).status, 401)
  })

  const rows: Readonly<Record<string, readonly [RequestParameters, number, string, string]>> = {
    'no token': [{}, 400, 'invalid_request', 'Missing parameter token'],
    'a bad hint': [
      { token: 'x', token_type_hint: 'id_token' },
      400,
      'invalid_request',
      'Invalid parameter token_type_hint',
    ],
    'an unknown token': [{ token: 'x' }, 400, 'invalid_request', 'Invalid string parameter token'],
    'no client_id': [
      { token: 'x', client_id: undefined },
      400,
      'invalid_request',
      'Missing parameter client_id',
    ],
    'a bad client_id': [
      { token: 'x', client_id: 'nobody' },
      401,
      'invalid_client',
      'Invalid parameter client_id',
    ],
    'no secret': [
      { token: 'x', client_id: 'confidential' },
      401,
      'invalid_client',
      'Client authorization required',
    ],
    'a wrong secret': [
      { token: 'x', client_id: 'confidential', client_secret: 'wrong' },
      401,
      'invalid_client',
      'Invalid parameter client_secret',
    ],
  }
  for (const [what, [parameters, status, error, error_description]] of Object.entries(rows)) {
    it(`words ${what}`, async () => {
      const answer = await application.form('revoke', parameters)
      assert.deepEqual([answer.status, answer.body], [status, { error, error_description }])
    })
  }

  for (const authorization of ['Foo bar', 'Basic', 'Basic !', 'Basic bm8tY29sb24=', 'Bearer x']) {
    it(`words a bad header: ${authorization}`, async () => {
      const body = new URLSearchParams({ token: 'x', client_id: 'confidential' })
      const url = `${deployment.urls.server}/oauth2/revoke`
      const answer = await fetch(url, { method: 'POST', headers: { authorization }, body })
      const words = { error: 'invalid_client', error_description: 'Invalid authorization header' }
      assert.deepEqual([answer.status, await answer.json()], [401, words])
    })
  }

  it('revokes nothing where the hint is wrong', async () => {
    const token = await application.serviceToken(sameBrowser(alice))
    assert.equal((await application.form('revoke', { token, token_type_hint: 'x' })).status, 400)
    assert.equal((await application.call('credentials/list', {}, token)).status, 200)
  })

  it("does not touch another client's token", async () => {
    const token = await application.serviceToken(sameBrowser(alice))
    assert.deepEqual((await other.form('revoke', { token })).body, refused('Invalid string parameter token'))
    assert.equal((await application.call('credentials/list', {}, token)).status, 200)
  })
})

describe('O-09 a redirect URI is compared exactly (RFC 9700, 4.1; T-OA-01)', () => {
  const VARIANTS = [
    // More after it, or less.
    'http://localhost:1/callback/',
    'http://localhost:1/callback//',
    'http://localhost:1/callback.',
    'http://localhost:1/callback;x',
    'http://localhost:1/callback?x=1',
    'http://localhost:1/callback?',
    'http://localhost:1/callback?#',
    'http://localhost:1/callback?redirect=http://evil.example',
    'http://localhost:1/callback#',
    'http://localhost:1/callback#fragment',
    'http://localhost:1/callback%23fragment',
    'http://localhost:1/callback%3Fx=1',
    'http://localhost:1/callback%2F',
    'http://localhost:1/callback/evil',
    'http://localhost:1/callbackevil',
    'http://localhost:1/callbac',
    'http://localhost:1/',
    'http://localhost:1',
    // Another way to the same place.
    'http://localhost:1/callback/../callback',
    'http://localhost:1/callback/%2e%2e/callback',
    'http://localhost:1/./callback',
    'http://localhost:1/%2e/callback',
    'http://localhost:1/..;/callback',
    'http://localhost:1//callback',
    'http://localhost:1/%63allback',
    'http://localhost:1/Callback',
    'http://localhost:1/CALLBACK',
    'http://LOCALHOST:1/callback',
    'HTTP://localhost:1/callback',
    'http:/localhost:1/callback',
    'http:localhost:1/callback',
    'http:///localhost:1/callback',
    'http:\\\\localhost:1\\callback',
    'http://localhost:01/callback',
    'http://localhost.:1/callback',
    'http://127.0.0.1:1/callback',
    'http://127.1:1/callback',
    'http://2130706433:1/callback',
    'http://[::1]:1/callback',
    'http://[::ffff:127.0.0.1]:1/callback',
    // Another port, scheme or host.
    'http://localhost:2/callback',
    'http://localhost:65537/callback',
    'http://localhost/callback',
    'https://localhost:1/callback',
    'http://user@localhost:1/callback',
    'http://user:password@localhost:1/callback',
    'http://localhost:1@evil.example/callback',
    'http://localhost:1\\@evil.example/callback',
    'http://localhost:1%40evil.example/callback',
    'http://evil.example\\localhost:1/callback',
    'http://evil.example#localhost:1/callback',
    'http://evil.example?localhost:1/callback',
    'http://evil.example/localhost:1/callback',
    'http://localhost.evil.example:1/callback',
    'http://evil-localhost:1/callback',
    '//localhost:1/callback',
    '//evil.example',
    '/\\evil.example',
    '/callback',
    'callback',
    // Other characters.
    'http://localhost:1/callback%00',
    'http://localhost:1/callback\u0000',
    'http://localhost:1/callback\t',
    'http://localhost:1/call\tback',
    'http://localhost:1/callback%0d%0aLocation:%20http://evil.example',
    'http://localhost:1/callback\r\nLocation: http://evil.example',
    ' http://localhost:1/callback',
    'http://localhost:1/callback ',
    'http://localhost:1/callback\u00a0',
    'http://localhost:1/c\u0430llback',
    'http://lоcalhost:1/callback',
    'http://xn--lcalhost-2yb:1/callback',
    'http://localhost\u3002:1/callback',
    'http://ｌocalhost:1/callback',
    'http://localhost:1/callb\u200back',
    // Other schemes.
    'javascript:alert(1)',
    'javascript://localhost:1/callback',
    'data:text/html,x',
    'vbscript:x',
    'file:///callback',
    'natsuin:callback',
    'urn:ietf:wg:oauth:2.0:oob',
    '*',
    '',
  ]
  for (const redirect_uri of VARIANTS) {
    it(`${JSON.stringify(redirect_uri)} leads nowhere`, async () => {
      const url = application.authorizeUrl(application.begin({ redirect_uri }).parameters)
      const response = await fetch(url, { redirect: 'manual' })
      assert.equal(response.status, 400)
      assert.equal(response.headers.get('location'), null)
      await assertPushRefused({ redirect_uri }, 'invalid_request')
    })
  }

  it('nor does an unknown client, or two redirect URIs', async () => {
    for (const parameters of [
      { client_id: 'nobody' },
      { redirect_uri: [REDIRECT_URI, 'http://evil.example'] },
    ]) {
      const response = await fetch(application.authorizeUrl(application.begin(parameters).parameters), {
        redirect: 'manual',
      })
      assert.equal(response.status, 400)
      assert.equal(response.headers.get('location'), null)
    }
  })
})

describe('metadata (RFC 8414; T-CFG-03)', () => {
  const get = async (path: string) => fetch(`${deployment.urls.server}${path}`)
  const metadata = async () =>
    (await (await get('/.well-known/oauth-authorization-server')).json()) as Record<string, unknown>

  it('says what there is, and nothing else', async () => {
    const { server } = deployment.urls
    const algorithms = ['ES256', 'PS256', 'EdDSA']
    assert.deepEqual(await metadata(), {
      issuer: server,
      authorization_endpoint: `${server}/oauth2/authorize`,
      token_endpoint: `${server}/oauth2/token`,
      pushed_authorization_request_endpoint: `${server}/oauth2/pushed_authorize`,
      revocation_endpoint: `${server}/oauth2/revoke`,
      jwks_uri: `${server}/oauth2/jwks`,
      scopes_supported: ['service', 'credential', 'credential-creation', 'credential-deletion'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: [
        'none',
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      request_object_signing_alg_values_supported: algorithms,
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      authorization_response_iss_parameter_supported: true,
      authorization_details_types_supported: [
        'credential',
        'https://cloudsignatureconsortium.org/2025/credential',
        'https://cloudsignatureconsortium.org/2025/credential-creation',
        'https://cloudsignatureconsortium.org/2025/credential-deletion',
      ],
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      tls_client_certificate_bound_access_tokens: true,
    })
  })

  it('is of no OpenID Provider', async () => {
    assert.equal((await get('/.well-known/openid-configuration')).status, 404)
    for (const endpoint of ['me', 'userinfo', 'reg', 'introspect', 'token/introspection', 'session/end']) {
      assert.equal((await get(`/oauth2/${endpoint}`)).status, 404, endpoint)
    }
  })

  it('T-OA-19 offers nothing for other devices, and nothing is there', async () => {
    const all = JSON.stringify(await metadata())
    assert.doesNotMatch(all, /device|backchannel|ciba/i)
    for (const endpoint of ['device', 'device/auth', 'device_authorization', 'backchannel', 'bc-authorize']) {
      const { status } = await fetch(`${deployment.urls.server}/oauth2/${endpoint}`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'application', scope: 'service' }),
      })
      assert.equal(status, 404, endpoint)
    }
    for (const grant_type of [
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:openid:params:grant-type:ciba',
    ]) {
      const { body } = await application.form('token', { grant_type, device_code: 'x', auth_req_id: 'x' })
      assert.equal((body as { error: string }).error, 'unsupported_grant_type')
    }
  })

  for (const response_mode of ['fragment', 'form_post', 'web_message', 'jwt', 'query.jwt']) {
    it(`is right that codes come in the query alone: ${response_mode}`, () =>
      assertPushRefused({ response_mode }, 'unsupported_response_mode'))
  }

  it('has a key set of public keys, each with an id of its own', async () => {
    const { keys } = (await (await get('/oauth2/jwks')).json()) as { keys: Record<string, string>[] }
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length)
    for (const { kid: _kid, x: _x, y: _y, ...rest } of keys) {
      assert.deepEqual(rest, { kty: 'EC', use: 'sig', alg: 'ES256', crv: 'P-256' })
    }
  })

  it('is not changed by what a client or proxy claims the host to be (T-DP-03)', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '1.2.3.4',
    }
    const url = `${deployment.urls.server}/.well-known/oauth-authorization-server`
    const { issuer } = (await (await fetch(url, { headers })).json()) as { issuer: string }
    assert.equal(issuer, deployment.urls.server)
  })
})

describe('answers that carry credentials are not redirected by 307 or 308, and not framed (T-OA-10, T-OA-11)', () => {
  it('redirects by 303 and forbids frames', async () => {
    const url = application.authorizeUrl(application.begin({}).parameters)
    const response = await fetch(url, { redirect: 'manual' })
    assert.equal(response.status, 303)
    assert.match(response.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
  })
})
