/** auth/login and auth/revoke in both editions. CSC API v1.0.4.0 and v2.0.0.2, 11.2 and 11.3. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
  askAccount,
  classOf,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  makePassword,
  openAccount,
  openApplication,
  REDIRECT_URI,
  type Signer,
  showLogIn,
  startThrowaway,
} from '@natsuin/testing/deployment'

const CLIENTS = [
  { id: 'application', name: 'Test application', redirectUris: [REDIRECT_URI] },
  { id: 'back-office', name: 'Back office', redirectUris: [REDIRECT_URI] },
]

/** What the processes logged. */
const lines: string[] = []
let deployment: Deployment
let alice: Signer
let bob: Signer
const applications = new Map<'v1' | 'v2', Application>()
before(async () => {
  deployment = await startThrowaway(
    {
      classes: [classOf(1)],
      clients: CLIENTS,
      server: { logInClient: 'back-office' },
      logLevel: 'debug',
    },
    { onLog: (_name, line) => lines.push(line) },
  )
  for (const edition of ['v1', 'v2'] as const) {
    applications.set(edition, openApplication(deployment, { clientId: 'back-office', edition }))
  }
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
})
after(() => deployment.stop())

const passwordOf = (signer: Signer, label = 'Invoices') => makePassword(deployment, signer, label)

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

interface LoggedIn {
  readonly access_token: string
  readonly refresh_token?: string
  readonly expires_in: number
}

const REFUSED = {
  error: 'authentication_error',
  error_description: 'An error occurred during authentication process',
}
const invalid = (error_description: string) => ({ error: 'invalid_request', error_description })

for (const edition of ['v1', 'v2'] as const) {
  const dot = edition === 'v1' ? '.' : ''
  const application = () => applications.get(edition) ?? assert.fail()
  const post = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    application().call('auth/login', body, undefined, headers)
  const list = (token: string) => application().call('credentials/list', {}, token)
  const revoke = (body: object, token: string) => application().call('auth/revoke', body, token)

  async function logIn(signer: Signer, body: object = {}): Promise<LoggedIn> {
    const answer = await post(body, basic(signer.signerId, await passwordOf(signer)))
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body as LoggedIn
  }

  describe(`auth/login in ${edition}`, () => {
    it('L-01: is told of by info, and gives a service token for the application password of a signer', async () => {
      const { body: info } = await application().call('info', {})
      const { methods, authType } = info as { methods: string[]; authType: string[] }
      assert.ok(methods.includes('auth/login') && methods.includes('auth/revoke'))
      assert.ok(authType.includes('basic'))
      const { access_token, refresh_token, expires_in } = await logIn(alice)
      assert.equal(refresh_token, undefined)
      assert.equal(expires_in, 3600)
      const { body } = await list(access_token)
      assert.deepEqual((body as { credentialIDs: string[] }).credentialIDs, [alice.credentialId])
      assert.equal(
        (await application().call('credentials/list', { userID: alice.signerId }, access_token)).status,
        400,
      )
    })

    it('L-01: gives a refresh token when it is to be remembered, which works in the place of the password', async () => {
      const first = await logIn(alice, { rememberMe: true })
      const kept = await post({ refresh_token: first.refresh_token })
      assert.equal(kept.status, 200, JSON.stringify(kept.body))
      assert.equal((kept.body as LoggedIn).refresh_token, undefined, 'the one before stays good')
      const rotated = await post({ refresh_token: first.refresh_token, rememberMe: true })
      const { access_token, refresh_token } = rotated.body as LoggedIn
      assert.notEqual(refresh_token, first.refresh_token)
      assert.equal((await list(access_token)).status, 200)
      assert.equal((await list(first.access_token)).status, 200)
    })

    it('L-01: takes a refresh token once when it gives another: whoever comes with it again ends both', async () => {
      const first = await logIn(alice, { rememberMe: true })
      const { body } = await post({ refresh_token: first.refresh_token, rememberMe: true })
      const second = body as LoggedIn
      const again = await post({ refresh_token: first.refresh_token })
      assert.deepEqual([again.status, again.body], [400, invalid('Invalid refresh_token')])
      assert.deepEqual(
        (await post({ refresh_token: second.refresh_token })).body,
        invalid('Invalid refresh_token'),
      )
      assert.equal((await list(second.access_token)).status, 401)
    })

    const malformed: readonly (readonly [
      string,
      object,
      Readonly<Record<string, string>>,
      number,
      string,
    ])[] = [
      ['no header and no refresh token', {}, {}, 401, `Malformed authentication parameter${dot}`],
      [
        'another scheme',
        {},
        { authorization: 'Bearer abc' },
        401,
        `Malformed authentication parameter${dot}`,
      ],
      ['no base64', {}, { authorization: 'Basic §' }, 401, `Malformed authentication parameter${dot}`],
      [
        'base64 that nobody writes so',
        {},
        { authorization: 'Basic YTp=' },
        401,
        `Malformed authentication parameter${dot}`,
      ],
      [
        'a header beside a refresh token',
        { refresh_token: 'abc' },
        basic('a', 'b'),
        401,
        `Malformed authentication parameter${dot}`,
      ],
      [
        'no user and password in it',
        {},
        { authorization: `Basic ${Buffer.from('alice').toString('base64')}` },
        400,
        `Malformed username-password${dot}`,
      ],
      [
        'a refresh token that is none',
        { refresh_token: 'a b' },
        {},
        400,
        'Invalid string parameter: refresh_token',
      ],
      [
        'a refresh token that is no text',
        { refresh_token: 1 },
        {},
        400,
        'Invalid string parameter: refresh_token',
      ],
      [
        'a refresh token that nobody has',
        { refresh_token: 'x'.repeat(43) },
        {},
        400,
        'Invalid refresh_token',
      ],
      [
        'a wish to be remembered that is none',
        { rememberMe: 'yes' },
        basic('a', 'b'),
        400,
        'Invalid parameter rememberMe',
      ],
    ]
    for (const [what, body, headers, status, description] of malformed) {
      it(`L-02: refuses ${what}`, async () => {
        const answer = await post(body, headers)
        assert.deepEqual([answer.status, answer.body], [status, invalid(description)])
        if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic /)
      })
    }

    it('L-02: says the same of a wrong password and of a user who is not there', async () => {
      const password = await passwordOf(bob)
      for (const [user, given] of [
        [bob.signerId, `${password.slice(0, -1)}_`],
        [alice.signerId, password],
        ['nobody', password],
        [bob.signerId, ''],
      ] as const) {
        const answer = await post({}, basic(user, given))
        assert.deepEqual([answer.status, answer.body], [400, REFUSED])
      }
      assert.equal((await post({}, basic(bob.signerId, password))).status, 200)
    })
  })

  describe(`auth/revoke in ${edition}`, () => {
    it('L-03: ends an access token at once, and leaves the refresh token', async () => {
      const { access_token, refresh_token } = await logIn(alice, { rememberMe: true })
      const { access_token: other } = await logIn(alice)
      const answer = await revoke({ token: access_token, token_type_hint: 'access_token' }, other)
      assert.deepEqual([answer.status, answer.body], [204, undefined])
      assert.equal((await list(access_token)).status, 401)
      assert.equal((await post({ refresh_token })).status, 200)
    })

    it('L-03: ends a refresh token with all that came of it, whatever the hint says', async () => {
      const { access_token, refresh_token } = await logIn(alice, { rememberMe: true })
      const { body } = await post({ refresh_token })
      const later = (body as LoggedIn).access_token
      const answer = await revoke({ token: refresh_token, token_type_hint: 'access_token' }, later)
      assert.equal(answer.status, 204)
      for (const token of [access_token, later]) assert.equal((await list(token)).status, 401)
      assert.deepEqual((await post({ refresh_token })).body, invalid('Invalid refresh_token'))
    })

    it('L-03: ends a token that OAuth gave out, and a token can end itself', async () => {
      const token = await application().serviceToken(alice)
      assert.equal((await list(token)).status, 200)
      assert.equal((await revoke({ token }, token)).status, 204)
      assert.equal((await list(token)).status, 401)
    })

    it('L-04: says what is wrong with a request, and the same of a token of somebody else’s as of none', async () => {
      const { access_token } = await logIn(alice)
      const { access_token: bobs } = await logIn(bob)
      const elsewhere = await openApplication(deployment, { clientId: 'application', edition }).serviceToken(
        alice,
      )
      const missing = invalid('Missing (or invalid type) string parameter token')
      const unknown = invalid('Invalid string parameter token')
      for (const [body, expected] of [
        [{}, missing],
        [{ token: 1 }, missing],
        [
          { token: access_token, token_type_hint: 'sad' },
          invalid('Invalid string parameter token_type_hint'),
        ],
        [{ token: 'x'.repeat(43) }, unknown],
        [{ token: bobs }, unknown],
        [{ token: elsewhere }, unknown],
      ] as const) {
        const answer = await revoke(body, access_token)
        assert.deepEqual([answer.status, answer.body], [400, expected])
      }
      assert.equal((await list(bobs)).status, 200)
      const header = await application().call('auth/revoke', { token: bobs }, undefined, {
        authorization: 'Foo bar',
      })
      assert.equal(header.status, 400)
      const word = edition === 'v1' ? /missing a REQUIRED parameter/ : /^Malformed authorization header$/
      assert.match((header.body as { error_description: string }).error_description, word)
    })
  })
}

describe('application passwords', () => {
  const application = () => applications.get('v2') ?? assert.fail()
  const tryWith = (user: string, password: string) =>
    application().call('auth/login', {}, undefined, basic(user, password))

  it('T-WA-13: a stolen session of the account page makes none: that takes the log-in passkey once more', async () => {
    const account = await openAccount(deployment, alice)
    const foreign = await showLogIn(deployment, bob)
    for (const body of [{ label: 'x' }, { label: 'x', ...foreign }]) {
      await assert.rejects(askAccount(deployment, account, 'passwords/make', body))
    }
    const own = await showLogIn(deployment, alice)
    assert.ok((await askAccount(deployment, account, 'passwords/make', { label: 'x', ...own }))['password'])
    await assert.rejects(
      askAccount(deployment, account, 'passwords/make', { label: 'x', ...own }),
      'not twice',
    )
  })

  it('are listed with what their owner calls them, shown once, and end with all that they opened', async () => {
    const password = await passwordOf(alice, '請求書')
    const account = await openAccount(deployment, alice)
    const { user, passwords } = await askAccount(deployment, account, 'passwords')
    assert.equal(user, alice.signerId)
    const mine = (passwords as { id: string; label: string }[]).find(({ label }) => label === '請求書')
    assert.ok(mine && !JSON.stringify(passwords).includes(password))
    const { body } = await tryWith(alice.signerId, password)
    const { access_token } = body as LoggedIn
    const bobs = await openAccount(deployment, bob)
    await assert.rejects(askAccount(deployment, bobs, 'passwords/remove', { passwordId: mine.id }))
    assert.equal((await application().call('credentials/list', {}, access_token)).status, 200)
    await askAccount(deployment, account, 'passwords/remove', { passwordId: mine.id })
    assert.equal((await application().call('credentials/list', {}, access_token)).status, 401)
    assert.deepEqual((await tryWith(alice.signerId, password)).body, REFUSED)
  })

  it('open nothing but the service: whoever has one asks for signatures, and the signer approves them', async () => {
    const { body } = await tryWith(alice.signerId, await passwordOf(alice))
    const { access_token } = body as LoggedIn
    const hashes = [Buffer.alloc(32).toString('base64')]
    const signing = { credentialID: alice.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
    assert.equal((await application().call('signatures/signHash', signing, access_token)).status, 400)
  })

  it('T-OA-14: end no credential: that takes a log-in of its signer', async () => {
    const dave = await enrolSigner(deployment, { commonName: 'Dave' })
    const { body } = await application().call(
      'auth/login',
      { rememberMe: true },
      undefined,
      basic(dave.signerId, await passwordOf(dave)),
    )
    const { access_token, refresh_token } = body as LoggedIn
    const { body: refreshed } = await application().call('auth/login', { refresh_token })
    const revocation = { credentialID: dave.credentialId, reason: 'superseded' }
    const end = (token: string) =>
      application().call('../../natsuin/v1/credentials/revoke', revocation, token)
    for (const token of [access_token, (refreshed as LoggedIn).access_token]) {
      assert.equal((await application().call('credentials/list', {}, token)).status, 200)
      assert.equal((await end(token)).status, 401)
    }
    assert.equal((await end(await application().serviceToken(dave))).status, 204)
  })

  it('lock nobody out when wrong ones are tried, however many: the operator is told of ten, and the right one is taken', async () => {
    const carol = await enrolSigner(deployment, { commonName: 'Carol' })
    const password = await passwordOf(carol)
    const told = () => lines.filter(line => line.includes('application passwords are being guessed')).length
    for (const user of [carol.signerId, 'nobody at all']) {
      const before = told()
      for (let i = 0; i < 9; i++) assert.deepEqual((await tryWith(user, `wrong ${i}`)).body, REFUSED)
      assert.equal(told(), before)
      for (let i = 0; i < 3; i++) assert.deepEqual((await tryWith(user, `wrong ${i}`)).body, REFUSED)
      assert.equal(told(), before + 1)
    }
    assert.equal((await tryWith(carol.signerId, password)).status, 200)
    assert.deepEqual((await tryWith('nobody at all', password)).body, REFUSED)
  })

  it('T-SEC-01: are in no log, and in the database as digests alone', async () => {
    const password = await passwordOf(alice)
    const { body } = await tryWith(alice.signerId, password)
    await tryWith(alice.signerId, `${password}x`)
    const { access_token } = body as LoggedIn
    const kept = ['server/server.db', 'server/server.db-wal'].map(file =>
      readFileSync(`${deployment.directory}/${file}`, 'latin1'),
    )
    for (const secret of [password, access_token]) {
      assert.ok(!kept.join().includes(secret))
      assert.ok(!lines.join().includes(secret))
    }
  })
})
