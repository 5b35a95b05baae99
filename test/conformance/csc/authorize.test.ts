/** credentials/authorize with PIN and code, and what comes of it. CSC API v2.0.0.2, 11.5, 11.6 and 11.10. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { verifyEvidence } from '@natsuin/evidence'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type Application,
  type CodeSigner,
  classOf,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  enrolWithCodes,
  firstCodeOf,
  openApplication,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

const CODES = classOf(2, { id: 'codes', approvals: ['pin-totp'], maxSignatures: 3 })
const WRONG = {
  error: 'invalid_authentication_data',
  error_description: 'The authentication data is invalid',
}
const PIN = '830512'

let deployment: Deployment
let application: Application
let alice: CodeSigner
let bob: Signer
let token: string
before(async () => {
  deployment = await startThrowaway({ classes: [classOf(1), CODES] })
  application = openApplication(deployment)
  alice = await enrolWithCodes(deployment, { commonName: 'Alice' }, { pin: PIN, classId: CODES.id })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
  token = await application.serviceToken(alice)
})
after(() => deployment.stop())

const hashesOf = (count: number) => testDocuments(count).map(({ digest }) => digest.hash)

function request(hashes: readonly string[], members: object = {}) {
  return {
    credentialID: alice.credentialId,
    numSignatures: hashes.length,
    hashes,
    hashAlgorithmOID: SHA256_OID,
    authData: [
      { id: 'PIN', value: PIN },
      { id: 'OTP', value: '000000' },
    ],
    ...members,
  }
}

const authorize = (body: object, bearer = token) => application.call('credentials/authorize', body, bearer)

const signHash = (hashes: readonly string[], SAD: string, bearer = token) =>
  application.call(
    'signatures/signHash',
    { credentialID: alice.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID },
    bearer,
  )

describe('credentials/authorize (CSC API v2.0.0.2, 11.6)', () => {
  it('is in info.methods, and credentials/info says what it wants when asked', async () => {
    const { body: info } = await application.call('info', {})
    assert.ok((info as { methods: string[] }).methods.includes('credentials/authorize'))
    const asked = { credentialID: alice.credentialId, authInfo: true }
    const { body } = await application.call('credentials/info', asked, token)
    const { auth, SCAL } = body as { auth: object; SCAL: string }
    assert.equal(SCAL, '1')
    assert.deepEqual(auth, {
      mode: 'explicit',
      expression: 'PIN AND OTP',
      objects: [
        { type: 'Password', id: 'PIN', format: 'N', label: 'Signing PIN' },
        {
          type: 'Password',
          id: 'OTP',
          format: 'N',
          label: 'Code of the authenticator app',
          generator: 'totp',
        },
      ],
    })
    const { body: unasked } = await application.call(
      'credentials/info',
      { credentialID: alice.credentialId },
      token,
    )
    assert.deepEqual((unasked as { auth: object }).auth, { mode: 'explicit' })
  })

  it('gives a SAD for PIN and code, which signs what was authorised with the service token', async () => {
    const hashes = hashesOf(2)
    const authData = [
      { id: 'OTP', value: firstCodeOf(alice) },
      { id: 'PIN', value: PIN },
    ]
    const { status, body } = await authorize(request(hashes, { authData, description: 'Lease' }))
    assert.equal(status, 200, JSON.stringify(body))
    const { SAD, expiresIn } = body as { SAD: string; expiresIn: number }
    assert.ok(expiresIn > 0 && expiresIn <= CODES.sadSeconds)
    assert.equal((await signHash(hashesOf(1), SAD)).status, 400, 'nothing else')
    const signed = await signHash(hashes, SAD)
    assert.equal(signed.status, 200, JSON.stringify(signed.body))
    assert.equal((signed.body as { signatures: string[] }).signatures.length, 2)
    assert.equal((await signHash(hashes, SAD)).status, 400, 'not twice')
    // T-SAD-20: neither without the other.
    assert.equal((await signHash(hashes, SAD, SAD)).status, 401)
    assert.equal((await signHash(hashes, token)).status, 400)
  })

  it('gives the evidence of such a signature, which says how it was approved', async () => {
    const hashes = hashesOf(1)
    const dave = await enrolWithCodes(deployment, { commonName: 'Dave' }, { pin: PIN, classId: CODES.id })
    const his = await application.serviceToken(dave)
    const authData = [
      { id: 'PIN', value: PIN },
      { id: 'OTP', value: firstCodeOf(dave) },
    ]
    const { credentialId: credentialID } = dave
    const { body } = await authorize(request(hashes, { credentialID, authData }), his)
    const { SAD } = body as { SAD: string }
    const signing = { credentialID, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
    const { body: signed } = await application.call('signatures/signHash', signing, his)
    const [signature] = (signed as { signatures: string[] }).signatures
    const response = await fetch(`${deployment.urls.server}/natsuin/v1/evidence`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${his}` },
      body: JSON.stringify({ credentialID, signature }),
    })
    const { evidence } = (await response.json()) as { evidence: object }
    const verdict = await verifyEvidence({
      evidence: utf8(JSON.stringify(evidence)),
      samKeyDigest: deployment.samKeyDigest,
      platform: nodePlatform,
    })
    assert.ok(verdict.valid)
    assert.equal(verdict.facts.approvedWith.kind, 'pin-totp')
    assert.equal(verdict.facts.level, 2)
    const text = JSON.stringify(evidence)
    for (const secret of [PIN, ...authData.map(({ value }) => value)])
      assert.ok(!text.includes(`"${secret}"`))
  })

  const wrong: readonly (readonly [string, object, object])[] = [
    ['no credentialID', { credentialID: undefined }, missing('string', 'credentialID')],
    ['an unknown credential', { credentialID: 'x' }, invalid('Invalid parameter credentialID')],
    ['no numSignatures', { numSignatures: undefined }, missing('integer', 'numSignatures')],
    [
      'numSignatures that is no integer (T-SAD-22)',
      { numSignatures: 1.5 },
      missing('integer', 'numSignatures'),
    ],
    [
      'numSignatures below one (T-SAD-22)',
      { numSignatures: 0 },
      invalid('Invalid value for parameter numSignatures'),
    ],
    ['more than the credential allows', { numSignatures: 4 }, invalid('Numbers of signatures is too high')],
    [
      'another number than that of the hashes',
      { numSignatures: 2 },
      invalid('Invalid value for parameter numSignatures'),
    ],
    ['no hashes (T-SAD-21)', { hashes: undefined }, missing('array', 'hash')],
    ['no hash algorithm', { hashAlgorithmOID: undefined }, missing('string', 'hashAlgorithmOID')],
    ['no authentication data', { authData: undefined }, missing('array', 'authData')],
    ['the PIN alone', { authData: [{ id: 'PIN', value: PIN }] }, WRONG],
    [
      'the PIN twice',
      {
        authData: [
          { id: 'PIN', value: PIN },
          { id: 'PIN', value: PIN },
        ],
      },
      WRONG,
    ],
    [
      'a code that is no number',
      {
        authData: [
          { id: 'PIN', value: PIN },
          { id: 'OTP', value: 'abcdef' },
        ],
      },
      WRONG,
    ],
    ['a description that is none', { description: 1 }, invalid('Invalid parameter description')],
  ]
  for (const [what, members, answer] of wrong) {
    it(`refuses ${what}`, async () => {
      const { status, body } = await authorize(request(hashesOf(1), members))
      assert.equal(status, 400)
      assert.deepEqual(body, answer)
    })
  }

  it('is not for credentials that are approved with a passkey, nor for anybody else’s', async () => {
    const his = await application.serviceToken(bob)
    for (const credentialID of [bob.credentialId, alice.credentialId]) {
      const { body } = await authorize(request(hashesOf(1), { credentialID }), his)
      assert.deepEqual(body, invalid('Invalid parameter credentialID'))
    }
  })

  it('T-OTP-01: says the same of a wrong PIN and a wrong code, and after five that it is locked', async () => {
    const carol = await enrolWithCodes(deployment, { commonName: 'Carol' }, { pin: PIN, classId: CODES.id })
    const hers = await application.serviceToken(carol)
    const credentialID = carol.credentialId
    const guess = (pin: string, code: string) =>
      authorize(
        request(hashesOf(1), {
          credentialID,
          authData: [
            { id: 'PIN', value: pin },
            { id: 'OTP', value: code },
          ],
        }),
        hers,
      )
    const good = firstCodeOf(carol)
    for (const [pin, code] of [
      ['830513', good],
      [PIN, '000000'],
      ['830513', '000000'],
      ['830513', good],
      ['830513', good],
    ] as const) {
      assert.deepEqual((await guess(pin, code)).body, WRONG)
    }
    assert.deepEqual((await guess(PIN, good)).body, invalid('Credential locked'))
  })
})

function invalid(description: string) {
  return { error: 'invalid_request', error_description: description }
}

function missing(kind: string, name: string) {
  return invalid(`Missing (or invalid type) ${kind} parameter ${name}`)
}
