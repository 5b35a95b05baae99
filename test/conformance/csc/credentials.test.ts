/** credentials/list and credentials/info: CSC API v2.0.0.2, 11.4 and 11.5. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { CredentialInfo, CredentialsListResponse } from '@natsuin/protocol/csc'
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

let deployment: Deployment
let application: Application
let alice: Signer
let bob: Signer
let service: string
before(async () => {
  deployment = await startThrowaway()
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice, Example' })
  bob = await enrolSigner(deployment, { commonName: '山田 太郎', countryName: 'JP' })
  service = await application.serviceToken(alice)
})
after(() => deployment.stop())

const refused = (description: string) => ({ error: 'invalid_request', error_description: description })
const list = async (members: object) => {
  const { status, body } = await application.call('credentials/list', members, service)
  assert.equal(status, 200, JSON.stringify(body))
  return body as CredentialsListResponse
}
const info = async (members: object) => {
  const { status, body } = await application.call('credentials/info', members, service)
  assert.equal(status, 200, JSON.stringify(body))
  return body as CredentialInfo
}
const withoutCertificates = {
  key: {
    status: 'enabled',
    algo: ['1.2.840.10045.4.3.2', '1.2.840.10045.2.1'],
    len: 256,
    curve: '1.2.840.10045.3.1.7',
  },
  cert: { status: 'valid' },
  auth: { mode: 'oauth2code', objects: [] },
  SCAL: '2',
  multisign: 100,
  lang: 'en',
}

describe('credentials/list (CSC API v2.0.0.2, 11.4)', () => {
  it('C-01 lists the credentials of the signer who logged in, and nobody else’s', async () => {
    assert.deepEqual(await list({}), { credentialIDs: [alice.credentialId] })
    const other = await application.serviceToken(bob)
    const { body } = await application.call('credentials/list', {}, other)
    assert.deepEqual(body, { credentialIDs: [bob.credentialId] })
  })

  it('C-02 refuses userID, because the token says who the user is', async () => {
    for (const userID of [alice.signerId, bob.signerId, 7]) {
      const { status, body } = await application.call('credentials/list', { userID }, service)
      assert.equal(status, 400)
      assert.deepEqual(body, refused('userID parameter MUST be null'))
    }
    assert.deepEqual(await list({ userID: null }), { credentialIDs: [alice.credentialId] })
  })

  it('C-03 adds what it is asked for, each entry with its credentialID', async () => {
    const bare = await list({ credentialInfo: true, certificates: 'none' })
    assert.deepEqual(bare, {
      credentialIDs: [alice.credentialId],
      credentialInfos: [{ credentialID: alice.credentialId, ...withoutCertificates }],
    })
    const lengths = { none: undefined, single: 1, chain: 3 }
    for (const [certificates, length] of Object.entries(lengths)) {
      const { credentialInfos } = await list({
        credentialInfo: true,
        certificates,
        certInfo: true,
        authInfo: true,
      })
      const { cert } = credentialInfos?.[0] ?? (await info({ credentialID: alice.credentialId }))
      assert.equal(cert.certificates?.length, length)
      assert.equal(cert.subjectDN, 'CN=Alice\\, Example')
    }
  })

  it('C-04 refuses certificates other than none, single and chain', async () => {
    for (const certificates of ['foo', '', 1, true, 'Chain']) {
      const { status, body } = await application.call('credentials/list', { certificates }, service)
      assert.equal(status, 400)
      assert.deepEqual(body, refused('Invalid parameter certificates'))
    }
  })

  it('C-05 filters by onlyValid and says so', async () => {
    assert.deepEqual(await list({ onlyValid: true }), {
      credentialIDs: [alice.credentialId],
      onlyValid: true,
    })
    assert.deepEqual(await list({ onlyValid: false }), { credentialIDs: [alice.credentialId] })
    const { body } = await application.call('credentials/list', { onlyValid: 'yes' }, service)
    assert.deepEqual(body, refused('Invalid parameter onlyValid'))
  })

  it('is not for credential tokens, which speak of one credential only', async () => {
    const token = await application.credentialToken(alice, detailFor(alice.credentialId, testDocuments(1)))
    const { status, body } = await application.call('credentials/list', {}, token)
    assert.equal(status, 401)
    assert.deepEqual(body, { error: 'invalid_token', error_description: 'The access token is not valid' })
  })
})

describe('credentials/info (CSC API v2.0.0.2, 11.5)', () => {
  it('C-07 answers with the end entity certificate unless told otherwise', async () => {
    const plain = await info({ credentialID: alice.credentialId })
    const single = await info({ credentialID: alice.credentialId, certificates: 'single' })
    assert.deepEqual(plain, single)
    const { certificates = [], ...cert } = plain.cert
    assert.equal(certificates.length, 1)
    assert.deepEqual({ ...plain, cert }, withoutCertificates)
  })

  it('C-07 describes the certificate: RFC 4514 names, GeneralizedTime, serial number in hexadecimal', async () => {
    const { cert } = await info({ credentialID: alice.credentialId, certInfo: true })
    const { certificates = [], ...described } = cert
    const certificate = new X509Certificate(Buffer.from(certificates[0] ?? '', 'base64'))
    const time = (date: Date) => `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
    assert.deepEqual(described, {
      status: 'valid',
      issuerDN: certificate.issuer.split('\n').reverse().join(','),
      serialNumber: described.serialNumber,
      subjectDN: 'CN=Alice\\, Example',
      validFrom: time(certificate.validFromDate),
      validTo: time(certificate.validToDate),
    })
    assert.equal(BigInt(`0x${described.serialNumber}`), BigInt(`0x${certificate.serialNumber}`))
    assert.match(described.serialNumber ?? '', /^([0-9A-F]{2})+$/)
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
    for (const credentialID of [bob.credentialId, 'unknown', '../x', 'a'.repeat(200)]) {
      const { status, body } = await application.call('credentials/info', { credentialID }, service)
      assert.equal(status, 400)
      assert.deepEqual(body, refused('Invalid parameter credentialID'))
    }
  })

  it('refuses a missing credentialID and one that is no string', async () => {
    for (const members of [{}, { credentialID: null }, { credentialID: 7 }, { credentialID: ['x'] }]) {
      const { status, body } = await application.call('credentials/info', members, service)
      assert.equal(status, 400)
      assert.deepEqual(body, refused('Missing (or invalid type) string parameter credentialID'))
    }
  })

  it('takes a credential token for its own credential and for no other (8.4.4)', async () => {
    const token = await application.credentialToken(alice, detailFor(alice.credentialId, testDocuments(1)))
    const own = await application.call('credentials/info', { credentialID: alice.credentialId }, token)
    assert.equal(own.status, 200)
    const other = await application.call('credentials/info', { credentialID: bob.credentialId }, token)
    assert.deepEqual(other.body, refused('Invalid parameter credentialID'))
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
    const { body: described } = await application.call(
      'credentials/info',
      { credentialID: carol.credentialId, certificates: 'none' },
      token,
    )
    assert.deepEqual(described, {
      ...withoutCertificates,
      key: { ...withoutCertificates.key, status: 'disabled' },
      cert: { status: 'revoked' },
    })
  })
})
