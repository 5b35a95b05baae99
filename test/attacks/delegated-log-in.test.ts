/**
 * Log-in at an identity provider: mix-up, forged answers, other people's browsers, and providers that vouch for whom they
 * like. One provider is a process of its own, and honest; the others say what a test has them say.
 *
 * A log-in opens the list of credentials and lets an application ask; it approves nothing (sole-control 7). Each attempt
 * has a twin that passes.
 */
import assert from 'node:assert/strict'
import { createPublicKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import {
  type Application,
  type Browser,
  classOf,
  codeOf,
  type Deployment,
  freePort,
  invite,
  inviteAnew,
  logIn,
  openApplication,
  openBrowser,
  PageRefused,
  REDIRECT_URI,
  type RequestParameters,
  startThrowaway,
  tokenOf,
} from '@natsuin/testing/deployment'
import { signData } from '@natsuin/testing/keys'
import {
  createForeignProvider,
  enrolAtProvider,
  entryInFile,
  type ForeignProvider,
  LOG_IN_CLIENT,
  type ProviderSigner,
  serveDeployment,
} from '@natsuin/testing/provider'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const folder = temporaryFolder()
const [secretFile, switchOffFile] = [join(folder, 'secret'), join(folder, 'off')]
const SECRET = 'what the server shows the provider'
const VOUCHED = classOf(2, { id: 'vouched', approvals: ['provider'], provider: 'example' })

let honest: ForeignProvider
let scripted: ScriptedProvider
let liar: ScriptedProvider
let deployment: Deployment
let application: Application
let alice: ProviderSigner
before(async () => {
  writeFileSync(secretFile, SECRET, { mode: 0o600 })
  honest = createForeignProvider(await freePort())
  scripted = await openScriptedProvider('scripted')
  liar = await openScriptedProvider('liar', { issuer: 'http://localhost:1' })
  const common = { clientId: LOG_IN_CLIENT, secretFile }
  deployment = await startThrowaway({
    classes: [classOf(1), VOUCHED],
    providers: [entryInFile(honest)],
    clients: [
      {
        id: 'application',
        name: 'Application',
        redirectUris: [REDIRECT_URI],
        registration: { specs: '2.2.0.0' },
      },
    ],
    server: {
      logInProviders: [
        { ...common, id: 'example', name: 'Example ID', issuer: honest.entry.issuer, switchOffFile },
        { ...common, id: 'scripted', name: 'Scripted', issuer: scripted.issuer },
        { ...common, id: 'liar', name: 'Liar', issuer: liar.issuer },
      ],
    },
  })
  const logInClient = { secret: SECRET, redirectUri: callbackOf('example') }
  await serveDeployment(honest, deployment, logInClient)
  application = openApplication(deployment)
  alice = await enrol('alice')
})
after(async () => {
  await deployment?.stop()
  await honest.stop()
  scripted.close()
  liar.close()
})

const callbackOf = (id: string) => `${deployment.urls.server}/log-in/${id}`
const LOGIN = () => `${deployment.urls.server}/login/`

async function enrol(name: string): Promise<ProviderSigner> {
  const invitation = await invite(deployment, { commonName: name, countryName: 'JP' }, VOUCHED.id)
  return enrolAtProvider(deployment, honest, invitation, { name, commonName: name, withPasskey: false })
}

interface Begun {
  readonly browser: Browser
  readonly request: ReturnType<Application['begin']>
  /** Of the log-in page. */
  readonly page: string
}

/** An application sends somebody to log in. */
async function begin(parameters: RequestParameters = {}): Promise<Begun> {
  const [browser, request] = [openBrowser(), application.begin(parameters)]
  const page = await browser.visit(application.authorizeUrl(request.parameters), [LOGIN()])
  return { browser, request, page }
}

/** He chooses a provider; where he goes. */
async function choose({ browser, page }: Begun, id: string): Promise<string> {
  return String((await browser.post(`${page}/providers/${id}`, {}))['continue'])
}

/** He logs in at the honest one; the address that he is sent back to. */
async function logInThere(begun: Begun, name: string): Promise<string> {
  const address = await choose(begun, 'example')
  const asked = await begun.browser.visit(address, [callbackOf('example')])
  const next = await begun.browser.submit(asked, { name, method: 'two-factor' })
  return begun.browser.visit(next, [callbackOf('example')])
}

/** Where an answer leads: to the application, or back to the log-in page. */
const follow = ({ browser }: Begun, answer: string) => browser.visit(answer, [REDIRECT_URI, LOGIN()])

async function assertFailed(begun: Begun, answer: string, code: string): Promise<void> {
  assert.equal(await follow(begun, answer), `${begun.page}#failed=${code}`)
}

async function assertLoggedIn(begun: Begun, answer: string): Promise<string> {
  const token = tokenOf(await application.redeem(begun.request, codeOf(await follow(begun, answer))))
  const { status, body } = await application.call('credentials/list', {}, token)
  assert.deepEqual([status, body], [200, { credentialIDs: [alice.credentialId] }])
  return token
}

const refusedWith = (status: number, code?: string) => (error: unknown) =>
  error instanceof PageRefused && error.status === status && (code === undefined || error.code === code)

describe('a log-in at an identity provider', () => {
  it('is offered beside the passkey, and opens the account of who enrolled with it', async () => {
    const begun = await begin()
    const { providers } = await begun.browser.post(`${begun.page}/options`, {})
    assert.deepEqual(
      (providers as { id: string }[]).map(({ id }) => id),
      ['example', 'scripted', 'liar'],
    )
    const asked = new URL(await choose(begun, 'example')).searchParams
    assert.equal(asked.get('client_id'), LOG_IN_CLIENT)
    assert.notEqual(asked.get('client_id'), honest.entry.clientId)
    assert.equal(asked.get('scope'), 'openid')
    assert.equal(asked.get('code_challenge_method'), 'S256')
    assert.equal(asked.get('redirect_uri'), callbackOf('example'))
    await assertLoggedIn(begun, await logInThere(begun, 'alice'))
  })

  it('opens nobody’s account for a stranger, nor for who has got the address of an owner (T-IDP-05)', async () => {
    // Alice's e-mail address is alice-2's by now.
    for (const name of ['mallory', 'alice-2']) {
      const begun = await begin()
      await assertFailed(begun, await logInThere(begun, name), 'log-in-unlinked')
    }
    const begun = await begin()
    const url = application.authorizeUrl(begun.request.parameters)
    const withPasskey = await logIn(deployment, { ...alice, browser: begun.browser }, url, REDIRECT_URI)
    assert.ok(codeOf(withPasskey))
  })

  it('comes back to the browser that left, and to no other (T-OA-09)', async () => {
    const begun = await begin()
    const answer = await logInThere(begun, 'alice')
    const elsewhere = await begin()
    await assert.rejects(follow(elsewhere, answer), refusedWith(410))
    await assert.rejects(follow({ ...begun, browser: openBrowser() }, answer), refusedWith(410))
    const foreign = { ...begun, browser: openBrowser() }
    await assert.rejects(choose(foreign, 'example'), refusedWith(403, 'log-in-foreign-browser'))
    await assertLoggedIn(begun, answer)
  })

  it('comes back once, whoever is faster (T-IDP-01)', async () => {
    const begun = await begin()
    const answer = await logInThere(begun, 'alice')
    const cookie = `natsuin-log-in=${begun.browser.cookieOf(deployment.urls.server, 'natsuin-log-in')}`
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(answer, { headers: { cookie }, redirect: 'manual' })),
    )
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
    assert.equal(answers.filter(({ status }) => status === 410).length, 19)
    await assert.rejects(follow(begun, answer), refusedWith(410))
  })

  it('does not go on with an answer of another issuer, nor with one that names none (T-OA-08)', async () => {
    for (const issuer of [scripted.issuer, undefined]) {
      const begun = await begin()
      const answer = new URL(await logInThere(begun, 'alice'))
      if (issuer === undefined) answer.searchParams.delete('iss')
      else answer.searchParams.set('iss', issuer)
      await assertFailed(begun, answer.href, 'log-in-elsewhere-refused')
    }
  })

  it('is no consent to what takes a passkey of this server', async () => {
    const begun = await begin({ scope: 'credential-creation' })
    const { providers } = await begun.browser.post(`${begun.page}/options`, {})
    assert.deepEqual(providers, [])
    await assert.rejects(choose(begun, 'example'), refusedWith(410, 'log-in-provider-closed'))
  })

  it('ends no credential (T-OA-14)', async () => {
    const carol = await enrol('carol')
    const begun = await begin()
    const back = await follow(begun, await logInThere(begun, 'carol'))
    const { body } = await application.redeem(begun.request, codeOf(back))
    const { access_token, refresh_token } = body as { access_token: string; refresh_token: string }
    const refreshed = tokenOf(await application.form('token', { grant_type: 'refresh_token', refresh_token }))
    const asked = { credentialID: carol.credentialId, reason: 'superseded' }
    const end = (token: string) => application.call('../../natsuin/v1/credentials/revoke', asked, token)
    for (const token of [access_token, refreshed]) assert.equal((await end(token)).status, 401)
    const own = await application.serviceToken({ ...carol, browser: openBrowser() })
    assert.equal((await end(own)).status, 204)
  })

  it('is forgotten with the enrolment that it belongs to', async () => {
    const bob = await enrol('bob')
    await inviteAnew(deployment, { commonName: 'bob', countryName: 'JP' }, bob.signerId)
    const begun = await begin()
    await assertFailed(begun, await logInThere(begun, 'bob'), 'log-in-unlinked')
  })
})

describe('a provider that says what it likes', () => {
  /** Somebody chose it; what it answers. */
  async function answered(begun: Begun, claims: Claims = {}, options: TokenOptions = {}): Promise<string> {
    const { searchParams: asked } = new URL(await choose(begun, 'scripted'))
    const [state, nonce] = [asked.get('state') ?? '', asked.get('nonce') ?? '']
    const code = scripted.code({ nonce, ...claims }, options)
    return `${callbackOf('scripted')}?${new URLSearchParams({ code, state, iss: scripted.issuer })}`
  }

  it('vouches for its own people alone: Alice’s name there is not Alice (T-IDP-02)', async () => {
    const begun = await begin()
    await assertFailed(begun, await answered(begun, { sub: 'alice' }), 'log-in-unlinked')
  })

  const forged: Readonly<Record<string, () => [Claims, TokenOptions?]>> = {
    'the name of another provider': () => [{ iss: honest.entry.issuer, sub: 'alice' }],
    'another nonce': () => [{ nonce: 'another' }],
    'no nonce': () => [{ nonce: undefined }],
    'another audience': () => [{ aud: 'somebody-else' }],
    'an end in the past': () => [{ exp: 1 }],
    'no subject': () => [{ sub: undefined }],
    'a signature of another key': () => [{}, { key: newKey() }],
    'no signature (none)': () => [{}, { header: { alg: 'none' }, unsigned: true }],
    'a secret where a key belongs (HS256)': () => [{}, { header: { alg: 'HS256' } }],
  }
  for (const [what, script] of Object.entries(forged)) {
    it(`is not believed with ${what} in the ID token (T-IDP-02, T-IDP-03)`, async () => {
      const begun = await begin()
      await assertFailed(begun, await answered(begun, ...script()), 'log-in-elsewhere-refused')
      await assertFailed(begun, await answered(begun), 'log-in-unlinked')
    })
  }

  it('cannot have its answer taken for one of another provider, nor another’s for its own (T-OA-08)', async () => {
    const begun = await begin()
    const own = await answered(begun)
    const crossed = own.replace(callbackOf('scripted'), callbackOf('example'))
    await assert.rejects(follow(begun, crossed), refusedWith(410))
    const other = await logInThere(begun, 'alice')
    const stolen = other.replace(callbackOf('example'), callbackOf('scripted'))
    await assert.rejects(follow(begun, stolen), refusedWith(410))
    await assertFailed(begun, await answered(begun), 'log-in-unlinked')
  })

  it('is not asked under a name that is not its own (T-IDP-08)', async () => {
    await assert.rejects(choose(await begin(), 'liar'), refusedWith(503, 'log-in-provider-away'))
  })
})

describe('a provider that is switched off (T-IDP-07)', () => {
  it('logs nobody in, and what its log-ins gave is no good while it is', async t => {
    t.after(() => rmSync(switchOffFile, { force: true }))
    const [before_, underWay] = [await begin(), await begin()]
    const token = await assertLoggedIn(before_, await logInThere(before_, 'alice'))
    const answer = await logInThere(underWay, 'alice')
    writeFileSync(switchOffFile, '')
    const { providers } = await underWay.browser.post(`${underWay.page}/options`, {})
    assert.ok(!(providers as { id: string }[]).some(({ id }) => id === 'example'))
    await assert.rejects(choose(await begin(), 'example'), refusedWith(410, 'log-in-provider-closed'))
    await assertFailed(underWay, answer, 'log-in-provider-closed')
    const list = () => application.call('credentials/list', {}, token)
    assert.equal((await list()).status, 401)
    rmSync(switchOffFile)
    assert.equal((await list()).status, 200)
  })

  it('also for what is refreshed', async t => {
    t.after(() => rmSync(switchOffFile, { force: true }))
    const begun = await begin()
    const back = await follow(begun, await logInThere(begun, 'alice'))
    const { body } = await application.redeem(begun.request, codeOf(back))
    writeFileSync(switchOffFile, '')
    const { refresh_token } = body as { refresh_token: string }
    const refreshed = tokenOf(await application.form('token', { grant_type: 'refresh_token', refresh_token }))
    assert.equal((await application.call('credentials/list', {}, refreshed)).status, 401)
    const own = await application.serviceToken({ ...alice, browser: openBrowser() })
    assert.equal((await application.call('credentials/list', {}, own)).status, 200)
  })
})

type Claims = Readonly<Record<string, unknown>>

interface TokenOptions {
  readonly header?: object
  readonly key?: ForeignProvider['privateKey']
  readonly unsigned?: boolean
}

interface ScriptedProvider {
  readonly issuer: string
  /** A code for which it gives out an ID token with these claims. */
  code(claims: Claims, options?: TokenOptions): string
  close(): void
}

const newKey = () => createForeignProvider(1).privateKey

/** Nobody logs in there. @param said what its metadata says besides */
async function openScriptedProvider(id: string, said: object = {}): Promise<ScriptedProvider> {
  const port = await freePort()
  const { entry, privateKey } = createForeignProvider(port, id)
  const { issuer } = entry
  const kid = entry.keys[0]?.kid
  const tokens = new Map<string, string>()
  const answers: Readonly<Record<string, (body: string) => object>> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['RS256'],
      ...said,
    }),
    '/jwks': () => ({
      keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }],
    }),
    '/token': body => ({
      access_token: 'none',
      token_type: 'Bearer',
      id_token: tokens.get(new URLSearchParams(body).get('code') ?? ''),
    }),
  }
  const server: Server = createServer(async (request, response) => {
    const answer = answers[request.url ?? '']?.(await text(request))
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    issuer,
    code(claims, { header = {}, key = privateKey, unsigned = false } = {}) {
      const now = Math.floor(Date.now() / 1000)
      const good = { iss: issuer, sub: 'somebody', aud: LOG_IN_CLIENT, iat: now, exp: now + 600 }
      const input = [
        { alg: 'RS256', kid, ...header },
        { ...good, ...claims },
      ]
        .map(part => toBase64url(utf8(JSON.stringify(part))))
        .join('.')
      const signature = unsigned ? '' : toBase64url(signData('rsa-sha256', utf8(input), key))
      const code = randomBytes(16).toString('base64url')
      tokens.set(code, `${input}.${signature}`)
      return code
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
