/** credentials/create and credentials/delete: CSC API v2.2.0.0, 11.4 and 11.5. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { credentialsCreateResponse, infoResponse } from '@natsuin/protocol/csc'
import {
  type Application,
  codeOf,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  logIn,
  openApplication,
  type RequestParameters,
  type Signer,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'
import { assertRefused, bodyOf, refused } from './editions.ts'

const REDIRECT_URI = 'http://localhost:1/callback'
const CREATION = 'https://cloudsignatureconsortium.org/2025/credential-creation'
const DELETION = 'https://cloudsignatureconsortium.org/2025/credential-deletion'

let deployment: Deployment
let wallet: Application
let older: Application
before(async () => {
  deployment = await startThrowaway({
    clients: [
      { id: 'wallet', name: 'Wallet', redirectUris: [REDIRECT_URI], registration: { specs: '2.2.0.0' } },
      { id: 'older', name: 'Older', redirectUris: [REDIRECT_URI] },
    ],
  })
  wallet = openApplication(deployment, { ownBasePath: true })
  older = openApplication(deployment, { clientId: 'older' })
})
after(() => deployment.stop())

/** The signer logs in for what the request asks. */
async function tokenFor(signer: Signer, parameters: RequestParameters, application = wallet) {
  const request = application.begin(parameters)
  const cameBack = await logIn(deployment, signer, await application.push(request), application.redirectUri)
  return tokenOf(await application.redeem(request, codeOf(cameBack)))
}

const details = (detail: object) => ({ authorization_details: JSON.stringify([detail]) })
const toCreate = { scope: 'credential-creation' }
const toDelete = (credentialID: string) => details({ type: DELETION, credentialID })

const create = (token: string, members: object = {}) =>
  wallet.call('credentials/create', { credentialCreationRequest: {}, ...members }, token)
const remove = (token: string, members: object) => wallet.call('credentials/delete', members, token)

async function assertNoToken(answer: ReturnType<Application['call']>): Promise<void> {
  const { status, body } = await answer
  assert.equal(status, 401)
  assert.deepEqual(body, { error: 'invalid_token', error_description: 'The access token is not valid' })
}

async function isUsable(signer: Signer): Promise<boolean> {
  const documents = testDocuments(1)
  const token = await wallet.credentialToken(signer, detailFor(signer.credentialId, documents))
  const hashes = documents.map(({ digest }) => digest.hash)
  const asked = { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
  return (await wallet.call('signatures/signHash', asked, token)).status === 200
}

describe('credentials/create (CSC API v2.2.0.0, 11.4)', () => {
  it('X-01 gives the application the credential that the signer enrolled for, which is usable', async () => {
    const alice = await enrolSigner(deployment, { commonName: 'Alice' })
    for (const parameters of [toCreate, details({ type: CREATION, credentialCreationRequest: {} })]) {
      const token = await tokenFor(alice, parameters)
      const { status, body } = await create(token)
      assert.equal(status, 201, JSON.stringify(body))
      assert.deepEqual(body, { credentialID: alice.credentialId })
      const told = await create(token, { credentialInfo: true, certificates: 'chain', certInfo: true })
      assert.ok(credentialsCreateResponse.fits(told.body, 'v2'))
      const { credentialID, cert } = told.body
      assert.equal(credentialID, alice.credentialId)
      const [leaf = ''] = cert?.certificates ?? []
      assert.match(new X509Certificate(Buffer.from(leaf, 'base64')).subject, /Alice/)
    }
    assert.ok(await isUsable(alice))
  })

  it('is told to clients that know it, and to no others', async () => {
    const methodsOf = async (application: Application) =>
      (await bodyOf(application.call('info', {}), infoResponse, 'v2')).methods
    const acts = ['credentials/create', 'credentials/delete']
    const told = await methodsOf(wallet)
    assert.ok(acts.every(name => told.includes(name)))
    const untold = await methodsOf(older)
    assert.ok(acts.every(name => !untold.includes(name)))
  })

  it('makes nothing: a credential of yesterday is not new, and an application gets no key in anybody’s name', async () => {
    const carol = await enrolSigner(deployment, { commonName: 'Carol' })
    const database = new DatabaseSync(join(deployment.directory, 'server', 'server.db'))
    const age = database.prepare('update credentials set created_at = created_at - ? where credential_id = ?')
    age.run(3700, carol.credentialId)
    database.close()
    const { status, body } = await create(await tokenFor(carol, toCreate))
    assert.equal(status, 400)
    assert.deepEqual(body, {
      error: 'access_denied',
      error_description: 'No credential was enrolled for it: the operator has to invite the signer first',
    })
  })

  it('refuses a request that is wrong by itself, and a policy that the certificate has not', async () => {
    const dora = await enrolSigner(deployment, { commonName: 'Dora' })
    const token = await tokenFor(dora, toCreate)
    const missing = 'Missing (or invalid type) object parameter credentialCreationRequest'
    for (const credentialCreationRequest of [undefined, null, 'x', { certificatePolicy: 'x' }])
      await assertRefused(create(token, { credentialCreationRequest }), missing)
    const certificatePolicy = '0.4.0.194112.1.2'
    const wanted = create(token, { credentialCreationRequest: { certificatePolicy } })
    await assertRefused(wanted, 'Invalid parameter certificatePolicy')
    const subjectData = { given_name: 'Mallory' }
    assert.equal((await create(token, { credentialCreationRequest: { subjectData } })).status, 201)
  })

  it('is for its own tokens alone, which open nothing else', async () => {
    const eve = await enrolSigner(deployment, { commonName: 'Eve' })
    await assertNoToken(create(await wallet.serviceToken(eve)))
    await assertNoToken(create(await tokenFor(eve, toDelete(eve.credentialId))))
    const token = await tokenFor(eve, toCreate)
    const about = { credentialID: eve.credentialId }
    await assertNoToken(wallet.call('credentials/list', {}, token))
    await assertNoToken(wallet.call('credentials/info', about, token))
    await assertNoToken(remove(token, about))
    assert.equal((await create(token)).status, 201)
  })

  it('is asked for with one scope, which its details agree with', async () => {
    const push = (parameters: RequestParameters) =>
      wallet.form('pushed_authorize', Object.fromEntries(wallet.begin(parameters).parameters))
    const detail = details({ type: DELETION, credentialID: 'x' })
    for (const scope of ['service', 'credential', 'credential-creation']) {
      assert.deepEqual((await push({ scope, ...detail })).body, {
        error: 'invalid_scope',
        error_description: 'authorization_details belong to the scope credential-deletion',
        scope,
      })
    }
    assert.equal((await push(details({ type: DELETION }))).status, 400)
    for (const beside of [{}, { credentialID: 'x' }]) {
      assert.deepEqual(
        (await push({ scope: 'credential-deletion', ...beside })).body,
        refused('Missing parameter authorization_details'),
      )
    }
    assert.equal((await push({ scope: 'credential-deletion', ...detail })).status, 201)
    assert.equal((await push(detail)).status, 201)
  })
})

describe('credentials/delete (CSC API v2.2.0.0, 11.5)', () => {
  it('X-01 ends the credential: no information, no signature, but the certificate stays as it was', async () => {
    const alice = await enrolSigner(deployment, { commonName: 'Alice' })
    const service = await wallet.serviceToken(alice)
    const credentialID = alice.credentialId
    const token = await tokenFor(alice, toDelete(credentialID))
    const { status, body } = await remove(token, { credentialID })
    assert.deepEqual([status, body], [204, undefined])
    const info = wallet.call('credentials/info', { credentialID }, service)
    await assertRefused(info, 'Invalid parameter credentialID')
    assert.deepEqual((await wallet.call('credentials/list', {}, service)).body, { credentialIDs: [] })
    await assert.rejects(isUsable(alice))
    await assertRefused(remove(token, { credentialID }), 'Invalid parameter credentialID')
  })

  it('X-01 revokes the certificate too, for a reason that it has to be told', async () => {
    const bob = await enrolSigner(deployment, { commonName: 'Bob' })
    const credentialID = bob.credentialId
    const token = await tokenFor(bob, toDelete(credentialID))
    const missing = 'Missing (or invalid type) integer parameter revocationReason'
    await assertRefused(remove(token, { credentialID, revoke: true }), missing)
    await assertRefused(remove(token, { credentialID, revoke: true, revocationReason: '1' }), missing)
    for (const revocationReason of [-1, 2, 6, 7, 8, 11]) {
      const answer = remove(token, { credentialID, revoke: true, revocationReason })
      await assertRefused(answer, 'Invalid parameter revocationReason', String(revocationReason))
    }
    await assertRefused(remove(token, { credentialID, revoke: 'yes' }), 'Invalid parameter revoke')
    await assertRefused(remove(token, {}), 'Missing (or invalid type) string parameter credentialID')
    assert.ok(await isUsable(bob))
    assert.equal((await remove(token, { credentialID, revoke: true, revocationReason: 4 })).status, 204)
    const database = new DatabaseSync(join(deployment.directory, 'server', 'server.db'), { readOnly: true })
    const row = database.prepare('select revoked_at, deleted_at from credentials where credential_id = ?')
    const { revoked_at: revokedAt, deleted_at: deletedAt } = row.get(credentialID) ?? {}
    database.close()
    assert.ok(Number(revokedAt) > 0 && Number(deletedAt) >= Number(revokedAt))
  })

  it('takes nobody else’s credential, and no other than the signer was asked about', async () => {
    const carol = await enrolSigner(deployment, { commonName: 'Carol' })
    const dave = await enrolSigner(deployment, { commonName: 'Dave' })
    const unknown = 'Invalid parameter credentialID'
    const about = { credentialID: carol.credentialId }
    for (const credentialID of [carol.credentialId, dave.credentialId]) {
      await assertRefused(remove(await tokenFor(dave, toDelete(credentialID)), about), unknown)
    }
    await assertRefused(remove(await tokenFor(carol, toDelete('another')), about), unknown)
    const service = await wallet.serviceToken(carol)
    await assertNoToken(remove(service, about))
    assert.ok(await isUsable(carol))
  })

  it('leaves what was signed, and its evidence', async () => {
    const erin = await enrolSigner(deployment, { commonName: 'Erin' })
    const service = await wallet.serviceToken(erin)
    const credentialID = erin.credentialId
    const documents = testDocuments(1)
    const token = await wallet.credentialToken(erin, detailFor(credentialID, documents))
    const asked = { credentialID, hashes: documents.map(({ digest }) => digest.hash) }
    const signed = await wallet.call('signatures/signHash', { ...asked, signAlgo: ECDSA_SHA256_OID }, token)
    const [signature] = (signed.body as { signatures: string[] }).signatures
    assert.equal((await remove(await tokenFor(erin, toDelete(credentialID)), { credentialID })).status, 204)
    const response = await fetch(`${deployment.urls.server}/natsuin/v1/evidence`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${service}` },
      body: JSON.stringify({ credentialID, signature }),
    })
    assert.equal(response.status, 200)
  })
})

describe('the methods of v2.1 in v1', () => {
  it('are not there', async () => {
    const v1 = openApplication(deployment, { edition: 'v1' })
    for (const method of ['credentials/create', 'credentials/delete']) {
      const { status, body } = await v1.call(method, {})
      assert.equal(status, 501)
      assert.deepEqual(body, { ...refused('Method not implemented'), error: 'not_implemented' })
    }
  })
})
