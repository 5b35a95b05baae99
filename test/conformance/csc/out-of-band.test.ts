/**
 * Approvals that no browser waits for, in both editions. CSC API v2.0.0.2, 8.3, 11.6 and 11.7; v1.0.4.0, 8.2 and 11.6.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
  answerApproval,
  askAccount,
  classOf,
  type Deployment,
  declineApproval,
  ECDSA_SHA256_OID,
  enrolSigner,
  itemsFor,
  openAccount,
  openApplication,
  REDIRECT_URI,
  SHA256_OID,
  type Signer,
  showApproval,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

const OUT_OF_BAND = { authorization: 'out-of-band' }
const CLIENTS = [
  { id: 'portal', name: 'Portal', redirectUris: [REDIRECT_URI], registration: OUT_OF_BAND },
  { id: 'other', name: 'Other portal', redirectUris: [REDIRECT_URI], registration: OUT_OF_BAND },
  { id: 'browser', name: 'In a browser', redirectUris: [REDIRECT_URI] },
]
const TRIGGER = [{ id: 'APPROVAL' }]
const WRONG = {
  error: 'invalid_authentication_data',
  error_description: 'The authentication data is invalid',
}
const DECLINED = { error: 'access_denied', error_description: 'The signer declined' }
const invalid = (error_description: string) => ({ error: 'invalid_request', error_description })

let deployment: Deployment
let alice: Signer
let bob: Signer
let v1: Application
let v2: Application
let token: string
before(async () => {
  deployment = await startThrowaway({
    classes: [classOf(1)],
    clients: CLIENTS,
    server: { implicitWaitSeconds: 3 },
  })
  v1 = openApplication(deployment, { clientId: 'portal', edition: 'v1' })
  v2 = openApplication(deployment, { clientId: 'portal' })
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
  token = await v2.serviceToken(alice)
})
after(() => deployment.stop())

const hashesOf = (count: number) => testDocuments(count).map(({ digest }) => digest.hash)

const request = (hashes: readonly string[], members: object = {}) => ({
  credentialID: alice.credentialId,
  numSignatures: hashes.length,
  hashes,
  hashAlgorithmOID: SHA256_OID,
  authData: TRIGGER,
  description: 'Lease',
  ...members,
})

const authorize = (body: object, bearer = token) => v2.call('credentials/authorize', body, bearer)
const check = (handle: unknown, bearer = token) => v2.call('credentials/authorizeCheck', { handle }, bearer)

async function begin(hashes: readonly string[], members: object = {}): Promise<string> {
  const { status, body } = await authorize(request(hashes, members))
  assert.equal(status, 202, JSON.stringify(body))
  return (body as { handle: string }).handle
}

interface Waiting {
  readonly client: string
  readonly credential: string
  readonly labels: readonly string[]
  readonly expiresAt: number
  readonly address: string
}

/** What the account page tells him. */
async function waitingFor(signer: Signer): Promise<readonly Waiting[]> {
  const account = await openAccount(deployment, signer)
  return (await askAccount(deployment, account, 'approvals'))['approvals'] as Waiting[]
}

/** What he was asked last. */
async function opened(signer: Signer) {
  const newest = (await waitingFor(signer)).at(-1) ?? assert.fail('nothing waits')
  return showApproval(deployment, newest.address)
}

async function approve(signer: Signer): Promise<string> {
  const shown = await opened(signer)
  return answerApproval(deployment, signer, shown, { items: itemsFor(shown, []) })
}

describe('a credential that is approved out of band', () => {
  it('A-03: says in v2 that one entry without a value starts it, and in v1 that the service asks', async () => {
    const asked = { credentialID: alice.credentialId, authInfo: true }
    const { body } = await v2.call('credentials/info', asked, token)
    const { auth, SCAL } = body as { auth: { mode: string; objects: object[] }; SCAL: string }
    assert.equal(auth.mode, 'explicit')
    assert.deepEqual(auth.objects, [
      {
        type: 'ChallengeResponseOOB',
        id: 'APPROVAL',
        label: 'Approval with a passkey, on a page of the service',
      },
    ])
    assert.equal(SCAL, '2')
    const { body: old } = await v1.call('credentials/info', asked, token)
    assert.equal((old as { authMode: string }).authMode, 'implicit')
    assert.equal((old as { SCAL: string }).SCAL, '2')
  })

  it('is approved in the browser for other applications', async () => {
    const browser = openApplication(deployment, { clientId: 'browser' })
    const other = await browser.serviceToken(alice)
    const { body } = await browser.call('credentials/info', { credentialID: alice.credentialId }, other)
    assert.deepEqual((body as { auth: object }).auth, { mode: 'oauth2code', objects: [] })
    const refused = await browser.call('credentials/authorize', request(hashesOf(1)), other)
    assert.deepEqual(refused.body, invalid('Invalid parameter credentialID'))
  })
})

describe('credentials/authorize and authorizeCheck out of band (CSC API v2.0.0.2, 11.6 and 11.7)', () => {
  it('A-03: 202 with a handle, 202 as long as the signer has not answered, then 200 with a SAD that signs', async () => {
    const hashes = hashesOf(2)
    const begun = await authorize(request(hashes))
    assert.equal(begun.status, 202)
    assert.match(begun.headers.get('retry-after') ?? '', /^\d+$/)
    const { handle } = begun.body as { handle: string }
    const running = await check(handle)
    assert.deepEqual([running.status, running.body], [202, { handle }])
    assert.match(running.headers.get('retry-after') ?? '', /^\d+$/)
    assert.equal(await approve(alice), `${deployment.urls.server}/account/`)
    const { status, body } = await check(handle)
    assert.equal(status, 200, JSON.stringify(body))
    const { SAD, expiresIn } = body as { SAD: string; expiresIn: number }
    assert.ok(expiresIn > 0 && expiresIn <= 300)
    const signing = { credentialID: alice.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
    const signed = await v2.call('signatures/signHash', signing, token)
    assert.equal(signed.status, 200, JSON.stringify(signed.body))
    assert.equal((signed.body as { signatures: string[] }).signatures.length, 2)
  })

  it('A-10: starts it too with no entry at all, where the service decides', async () => {
    const handle = await begin(hashesOf(1), { authData: [] })
    await approve(alice)
    assert.equal((await check(handle)).status, 200)
  })

  it('gives the SAD again to who did not get the answer, until it is over', async () => {
    const handle = await begin(hashesOf(1))
    await approve(alice)
    const [first, second] = [await check(handle), await check(handle)]
    assert.equal((first.body as { SAD: string }).SAD, (second.body as { SAD: string }).SAD)
    const { SAD } = first.body as { SAD: string }
    assert.equal((await v2.call('auth/revoke', { token: SAD }, token)).status, 204)
    assert.deepEqual((await check(handle)).body, WRONG)
  })

  it('tells the signer on his account page who asks for what with which key, and nobody else', async () => {
    const handle = await begin(hashesOf(2), { description: '賃貸借契約' })
    const { address, expiresAt, ...told } = (await waitingFor(alice)).at(-1) ?? assert.fail()
    assert.deepEqual(told, {
      client: 'Portal',
      credential: 'Alice · P-256',
      labels: ['賃貸借契約 (1)', '賃貸借契約 (2)'],
    })
    assert.ok(expiresAt > Date.now() / 1000)
    assert.ok(!address.includes(handle), 'what the application holds opens no page')
    assert.deepEqual(await waitingFor(bob), [])
    const foreign = new URL(address)
    foreign.hash = `approve=${handle}`
    await assert.rejects(showApproval(deployment, foreign.href))
    await declineApproval(deployment, await opened(alice))
  })

  it('says that the signer declined', async () => {
    const handle = await begin(hashesOf(1))
    assert.equal(await declineApproval(deployment, await opened(alice)), `${deployment.urls.server}/account/`)
    const { status, body } = await check(handle)
    assert.deepEqual([status, body], [400, DECLINED])
    assert.ok(!(await waitingFor(alice)).some(({ labels }) => labels.length === 0))
  })

  it('says the same of a handle that is nobody’s, another application’s, another signer’s and none at all', async () => {
    const handle = await begin(hashesOf(1))
    const other = openApplication(deployment, { clientId: 'other' })
    const elsewhere = await other.serviceToken(alice)
    const bobs = await v2.serviceToken(bob)
    const answers = [
      await check('x'.repeat(22)),
      await check(undefined),
      await check(1),
      await check(handle, bobs),
      await other.call('credentials/authorizeCheck', { handle }, elsewhere),
    ]
    for (const { status, body } of answers) {
      assert.deepEqual([status, body], [400, invalid('Invalid parameter handle')])
    }
    await declineApproval(deployment, await opened(alice))
  })

  it('A-09: the SAD is worth nothing with another signer’s token, nor with another application’s', async () => {
    const hashes = hashesOf(1)
    const handle = await begin(hashes)
    await approve(alice)
    const { SAD } = (await check(handle)).body as { SAD: string }
    const signing = { credentialID: alice.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
    const other = openApplication(deployment, { clientId: 'other' })
    for (const bearer of [await v2.serviceToken(bob), await other.serviceToken(alice)]) {
      assert.equal((await v2.call('signatures/signHash', signing, bearer)).status, 400)
    }
    assert.equal((await v2.call('signatures/signHash', signing, token)).status, 200)
  })

  const wrong: readonly (readonly [string, object, object])[] = [
    [
      'no authentication data',
      { authData: undefined },
      invalid('Missing (or invalid type) array parameter authData'),
    ],
    ['a value beside the trigger', { authData: [{ id: 'APPROVAL', value: 'yes' }] }, WRONG],
    ['another object', { authData: [{ id: 'PIN', value: '830512' }] }, WRONG],
    ['the trigger twice', { authData: [...TRIGGER, ...TRIGGER] }, WRONG],
    ['no hashes', { hashes: undefined }, invalid('Missing (or invalid type) array parameter hash')],
    ['more than the credential allows', { numSignatures: 101 }, invalid('Numbers of signatures is too high')],
  ]
  for (const [what, members, answer] of wrong) {
    it(`refuses ${what}`, async () => {
      const { status, body } = await authorize(request(hashesOf(1), members))
      assert.deepEqual([status, body], [400, answer])
    })
  }

  it('T-OTP-07: nobody is asked more than he can look through', async () => {
    const his = await v2.serviceToken(bob)
    const body = () => request(hashesOf(1), { credentialID: bob.credentialId })
    const answers = []
    for (let i = 0; i < 21; i++) answers.push(await authorize(body(), his))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [...Array(20).fill(202), 429],
    )
    assert.ok(answers.at(-1)?.headers.get('retry-after'))
    assert.equal((await authorize(request(hashesOf(1)))).status, 202)
  })
})

describe('credentials/authorize in v1, mode implicit (CSC API v1.0.4.0, 8.2 and 11.6)', () => {
  const oldRequest = (hash: readonly string[]) => ({
    credentialID: alice.credentialId,
    numSignatures: hash.length,
    hash,
    description: 'Lease',
  })
  const call = (body: object) => v1.call('credentials/authorize', body, token)

  /** Until it is told of on the account page. */
  async function asked(before: number): Promise<void> {
    while ((await waitingFor(alice)).length <= before) await new Promise(resolve => setTimeout(resolve, 50))
  }

  it('A-03: waits until the signer has approved, and answers with the SAD', async () => {
    const before = (await waitingFor(alice)).length
    const hash = hashesOf(1)
    const answer = call(oldRequest(hash))
    await asked(before)
    await approve(alice)
    const { status, body } = await answer
    assert.equal(status, 200, JSON.stringify(body))
    const { SAD } = body as { SAD: string }
    const signing = { credentialID: alice.credentialId, SAD, hash, signAlgo: ECDSA_SHA256_OID }
    assert.equal((await v1.call('signatures/signHash', signing, token)).status, 200)
  })

  it('answers when the signer declines', async () => {
    const before = (await waitingFor(alice)).length
    const answer = call(oldRequest(hashesOf(1)))
    await asked(before)
    await declineApproval(deployment, await opened(alice))
    const { status, body } = await answer
    assert.deepEqual([status, body], [400, DECLINED])
  })

  it('answers after a while that the signer did not, who is not asked any more', async () => {
    const before = (await waitingFor(alice)).length
    const { status, body } = await call(oldRequest(hashesOf(1)))
    assert.deepEqual(
      [status, body],
      [400, { error: 'access_denied', error_description: 'The signer did not answer' }],
    )
    assert.equal((await waitingFor(alice)).length, before)
  })

  it('has no authorizeCheck', async () => {
    assert.equal((await v1.call('credentials/authorizeCheck', { handle: 'x' }, token)).status, 501)
  })
})
