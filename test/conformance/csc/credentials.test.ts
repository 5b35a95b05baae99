/** credentials/list and credentials/info: CSC API v1.0.4.0 and v2.0.0.2, 11.4 and 11.5. Ids: catalogue, section 18. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { credentialsInfoResponse, credentialsListResponse, editions } from '@natsuin/protocol/csc'
import {
  type Application,
  type Deployment,
  detailFor,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'
import { assertRefused, bodyOf, CITED, openBoth } from './editions.ts'

const REDIRECT_URI = 'http://localhost:1/callback'
const WALLET = 'wallet'

let deployment: Deployment
let application: Application
let alice: Signer
let bob: Signer
let service: string
before(async () => {
  deployment = await startThrowaway({
    clients: [
      { id: 'application', name: 'Test application', redirectUris: [REDIRECT_URI] },
      { id: WALLET, name: 'Wallet', redirectUris: [REDIRECT_URI], registration: { specs: '2.2.0.0' } },
    ],
  })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice, Example' })
  bob = await enrolSigner(deployment, { commonName: '山田 太郎', countryName: 'JP' })
  service = await application.serviceToken(alice)
})
after(() => deployment.stop())

const described = {
  key: {
    status: 'enabled',
    algo: ['1.2.840.10045.4.3.2', '1.2.840.10045.2.1'],
    len: 256,
    curve: '1.2.840.10045.3.1.7',
  },
  cert: { status: 'valid' },
  SCAL: '2',
  multisign: 100,
  lang: 'en',
}
const DESCRIBED = {
  v1: { ...described, authMode: 'oauth2code' },
  // `objects` of OAuth: the EU wallet's library does not read the answer without.
  v2: { ...described, auth: { mode: 'oauth2code', objects: [] } },
}

/** Credentials of the server's own database alone: enough to be listed. */
function addCopies(signer: Signer, count: number): string[] {
  const database = new DatabaseSync(join(deployment.directory, 'server', 'server.db'))
  const row = database.prepare('select * from credentials where credential_id = ?').get(signer.credentialId)
  const columns = Object.keys(row ?? {})
  const insert = database.prepare(
    `insert into credentials (${columns.join()}) values (${columns.map(name => `@${name}`).join()})`,
  )
  const ids = Array.from({ length: count }, (_, i) => `${signer.credentialId}-${i}`)
  for (const credential_id of ids) insert.run({ ...row, credential_id })
  database.close()
  return ids
}

for (const edition of editions) {
  const call = (method: string, members: object, token = service) =>
    openBoth(deployment)[edition].call(method, members, token)
  const list = (members: object = {}, token = service) =>
    bodyOf(call('credentials/list', members, token), credentialsListResponse, edition)
  const info = (members: object, token = service) =>
    bodyOf(call('credentials/info', members, token), credentialsInfoResponse, edition)

  describe(`credentials/list (${CITED[edition]}, 11.4)`, () => {
    it('C-01 lists the credentials of the signer who logged in, and nobody else’s', async () => {
      assert.deepEqual(await list(), { credentialIDs: [alice.credentialId] })
      const other = await application.serviceToken(bob)
      assert.deepEqual(await list({}, other), { credentialIDs: [bob.credentialId] })
    })

    it('C-02 refuses userID, because the token says who the user is', async () => {
      for (const userID of [alice.signerId, bob.signerId, 7])
        await assertRefused(call('credentials/list', { userID }), 'userID parameter MUST be null')
      assert.deepEqual(await list({ userID: null }), { credentialIDs: [alice.credentialId] })
    })

    it('is not for credential tokens, which speak of one credential only', async () => {
      const token = await application.credentialToken(alice, detailFor(alice.credentialId, testDocuments(1)))
      const { status, body } = await call('credentials/list', {}, token)
      assert.equal(status, 401)
      assert.deepEqual(body, { error: 'invalid_token', error_description: 'The access token is not valid' })
    })
  })

  describe(`credentials/info (${CITED[edition]}, 11.5)`, () => {
    it('C-07 answers with the end entity certificate unless told otherwise', async () => {
      const { credentialId: credentialID } = alice
      const plain = await info({ credentialID })
      assert.deepEqual(plain, await info({ credentialID, certificates: 'single' }))
      const { certificates = [], ...cert } = plain.cert
      assert.equal(certificates.length, 1)
      assert.deepEqual({ ...plain, cert }, DESCRIBED[edition])
      assert.deepEqual(await info({ credentialID, certificates: 'none' }), DESCRIBED[edition])
    })

    it('C-07 describes the certificate: RFC 4514 names, GeneralizedTime, serial number in hexadecimal', async () => {
      const { cert } = await info({ credentialID: alice.credentialId, certInfo: true })
      const { certificates = [], ...told } = cert
      const certificate = new X509Certificate(Buffer.from(certificates[0] ?? '', 'base64'))
      const time = (date: Date) => `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
      assert.deepEqual(told, {
        status: 'valid',
        issuerDN: certificate.issuer.split('\n').reverse().join(','),
        serialNumber: told.serialNumber,
        subjectDN: 'CN=Alice\\, Example',
        validFrom: time(certificate.validFromDate),
        validTo: time(certificate.validToDate),
      })
      assert.equal(BigInt(`0x${told.serialNumber}`), BigInt(`0x${certificate.serialNumber}`))
      assert.match(told.serialNumber ?? '', /^([0-9A-F]{2})+$/)
    })

    it('C-07 gives the chain leaf first, each certificate signing the one before, up to a root', async () => {
      const { cert } = await info({ credentialID: alice.credentialId, certificates: 'chain' })
      const chain = (cert.certificates ?? []).map(text => new X509Certificate(Buffer.from(text, 'base64')))
      assert.equal(chain.length, 3)
      chain.forEach((certificate, i) => {
        const issuer = chain[i + 1] ?? certificate
        assert.ok(certificate.verify(issuer.publicKey), `certificate ${i}`)
      })
    })

    it('C-08 answers the same for a foreign and for an unknown credential', async () => {
      for (const credentialID of [bob.credentialId, 'unknown', '../x', 'a'.repeat(200)])
        await assertRefused(call('credentials/info', { credentialID }), 'Invalid parameter credentialID')
    })

    it('refuses a missing credentialID and one that is no string', async () => {
      const missing = 'Missing (or invalid type) string parameter credentialID'
      for (const members of [{}, { credentialID: null }, { credentialID: 7 }, { credentialID: ['x'] }])
        await assertRefused(call('credentials/info', members), missing)
    })

    it('C-04 refuses certificates other than none, single and chain', async () => {
      for (const certificates of ['foo', '', 1, true, 'Chain']) {
        const asked = { credentialID: alice.credentialId, certificates }
        await assertRefused(call('credentials/info', asked), 'Invalid parameter certificates')
      }
    })

    it('takes a credential token for its own credential and for no other (v2.0.0.2, 8.4.4)', async () => {
      const detail = detailFor(alice.credentialId, testDocuments(1))
      const token = await application.credentialToken(alice, detail)
      await info({ credentialID: alice.credentialId }, token)
      const other = call('credentials/info', { credentialID: bob.credentialId }, token)
      await assertRefused(other, 'Invalid parameter credentialID')
    })
  })
}

describe('credentials/list of v1 (CSC API v1.0.4.0, 11.4)', () => {
  const list = (members: object, token: string) =>
    openBoth(deployment).v1.call('credentials/list', members, token)

  it('C-06 goes through all by pages, and the last page says so by saying nothing', async () => {
    const signer = await enrolSigner(deployment, { commonName: 'Many' })
    const all = [signer.credentialId, ...addCopies(signer, 4)]
    const token = await application.serviceToken(signer)
    for (const maxResults of [1, 2, 5]) {
      const seen: string[] = []
      let page: { credentialIDs: string[]; nextPageToken?: string } | undefined
      do {
        const pageToken = page?.nextPageToken
        page = (await list({ maxResults, ...(pageToken && { pageToken }) }, token)).body as typeof page
        assert.ok((page?.credentialIDs.length ?? 0) <= maxResults)
        seen.push(...(page?.credentialIDs ?? []))
      } while (page?.nextPageToken !== undefined)
      assert.deepEqual(seen.toSorted(), all.toSorted(), String(maxResults))
    }
  })

  it('C-06 takes any maxResults, and no pageToken of its own making', async () => {
    for (const maxResults of [1, 10_000, 2 ** 60, 0, -1, 1.5, 'many', null]) {
      const { body } = await list({ maxResults }, service)
      assert.deepEqual(body, { credentialIDs: [alice.credentialId] }, String(maxResults))
    }
    for (const pageToken of ['x', '', 7, bob.credentialId])
      await assertRefused(list({ pageToken }, service), 'Invalid parameter pageToken')
  })
})

describe('credentials/list of v2 (CSC API v2.0.0.2, 11.4)', () => {
  const list = async (members: object) =>
    bodyOf(application.call('credentials/list', members, service), credentialsListResponse, 'v2')

  it('C-03 adds what it is asked for, each entry with its credentialID', async () => {
    const bare = await list({ credentialInfo: true, certificates: 'none' })
    assert.deepEqual(bare, {
      credentialIDs: [alice.credentialId],
      credentialInfos: [{ credentialID: alice.credentialId, ...DESCRIBED.v2 }],
    })
    const lengths = { none: undefined, single: 1, chain: 3 }
    for (const [certificates, length] of Object.entries(lengths)) {
      const asked = { credentialInfo: true, certificates, certInfo: true, authInfo: true }
      const [told] = (await list(asked)).credentialInfos ?? []
      assert.equal(told?.cert.certificates?.length, length)
      assert.equal(told?.cert.subjectDN, 'CN=Alice\\, Example')
    }
  })

  it('C-04 refuses certificates other than none, single and chain', async () => {
    for (const certificates of ['foo', '', 1, true, 'Chain']) {
      const answer = application.call('credentials/list', { certificates }, service)
      await assertRefused(answer, 'Invalid parameter certificates')
    }
  })

  it('C-05 filters by onlyValid and says so', async () => {
    const { credentialId } = alice
    assert.deepEqual(await list({ onlyValid: true }), { credentialIDs: [credentialId], onlyValid: true })
    assert.deepEqual(await list({ onlyValid: false }), { credentialIDs: [credentialId] })
    const answer = application.call('credentials/list', { onlyValid: 'yes' }, service)
    await assertRefused(answer, 'Invalid parameter onlyValid')
  })
})

describe('credentials of v2.1 and later', () => {
  it('name policies and statements of the certificate to clients that know them', async () => {
    const wallet = openApplication(deployment, { clientId: WALLET })
    const asked = { credentialID: alice.credentialId, certInfo: true, certificates: 'none' }
    const { cert } = await bodyOf(
      wallet.call('credentials/info', asked, await wallet.serviceToken(alice)),
      credentialsInfoResponse,
      'v2',
    )
    assert.ok(Array.isArray(cert.policy) && Array.isArray(cert.qcStatements))
    const older = await application.call('credentials/info', asked, service)
    const { cert: known } = older.body as { cert: object }
    assert.ok(!('policy' in known) && !('qcStatements' in known))
  })
})

describe('V-01 v1 and v2 describe the same credential', () => {
  it('in everything that both have', async () => {
    const asked = { credentialID: alice.credentialId, certificates: 'chain', certInfo: true, authInfo: true }
    const both = openBoth(deployment)
    const [one, other] = await Promise.all(
      editions.map(async edition => (await both[edition].call('credentials/info', asked, service)).body),
    )
    const { authMode, ...v1 } = one as { authMode: string }
    const { auth, ...v2 } = other as { auth: { mode: string } }
    assert.deepEqual(v1, v2)
    assert.equal(authMode, auth.mode)
  })
})

describe('a revoked credential', () => {
  it('is disabled, is not among the valid ones, and says that it was revoked', async () => {
    const carol = await enrolSigner(deployment, { commonName: 'Carol' })
    const token = await application.serviceToken(carol)
    const body = JSON.stringify({ credentialID: carol.credentialId, reason: 'cessationOfOperation' })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const url = `${deployment.urls.server}/natsuin/v1/credentials/revoke`
    assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 204)
    assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 204)
    const valid = await application.call('credentials/list', { onlyValid: true }, token)
    assert.deepEqual(valid.body, { credentialIDs: [], onlyValid: true })
    const asked = { credentialID: carol.credentialId, certificates: 'none' }
    for (const edition of editions) {
      const { body: told } = await openBoth(deployment)[edition].call('credentials/info', asked, token)
      assert.deepEqual(told, {
        ...DESCRIBED[edition],
        key: { ...described.key, status: 'disabled' },
        cert: { status: 'revoked' },
      })
    }
  })
})
