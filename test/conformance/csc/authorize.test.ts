/** credentials/authorize with PIN and code, and what comes of it: CSC API v1.0.4.0 and v2.0.0.2, 11.5 and 11.6. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { verifyEvidence } from '@natsuin/evidence'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { authorizeResponse, credentialsInfoResponse, type Edition, editions } from '@natsuin/protocol/csc'
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
import { assertRefused, bodyOf, CITED, openBoth, refused, spelt, UNAUTHORISED } from './editions.ts'

const CODES = classOf(2, { id: 'codes', approvals: ['pin-totp'], maxSignatures: 3 })
const PIN = '830512'

let deployment: Deployment
let application: Application
let bob: Signer
before(async () => {
  deployment = await startThrowaway({ classes: [classOf(1), CODES] })
  application = openApplication(deployment)
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
})
after(() => deployment.stop())

const enrol = (commonName: string) =>
  enrolWithCodes(deployment, { commonName }, { pin: PIN, classId: CODES.id })
const hashesOf = (count: number) => testDocuments(count).map(({ digest }) => digest.hash)

/** PIN and code as each edition has them. */
const FACTORS: Readonly<Record<Edition, (pin?: unknown, code?: unknown) => object>> = {
  v1: (PIN, OTP) => ({ PIN, OTP }),
  v2: (pin, code) => ({
    authData: [
      { id: 'PIN', value: pin },
      { id: 'OTP', value: code },
    ],
  }),
}

/**
 * What a wrong one is answered: v1 has a word for each, and the same one is said whichever was wrong (a guesser learns
 * nothing).
 */
const WRONG = {
  v1: { error: 'invalid_otp', error_description: 'The OTP is invalid' },
  v2: { error: 'invalid_authentication_data', error_description: 'The authentication data is invalid' },
}
const LOCKED = { v1: 'PIN locked', v2: 'Credential locked' }

const missing = (kind: string, name: string) => refused(`Missing (or invalid type) ${kind} parameter ${name}`)
const invalid = refused

for (const edition of editions) {
  describe(`credentials/authorize (${CITED[edition]}, 11.6)`, () => {
    let alice: CodeSigner
    let token: string
    before(async () => {
      alice = await enrol('Alice')
      token = await application.serviceToken(alice)
    })

    const call = (method: string, body: object, bearer = token) =>
      openBoth(deployment)[edition].call(method, spelt(edition, body), bearer)

    const request = (hashes: readonly string[], members: object = {}) => ({
      credentialID: alice.credentialId,
      numSignatures: hashes.length,
      hashes,
      ...(edition === 'v2' && { hashAlgorithmOID: SHA256_OID }),
      ...FACTORS[edition](PIN, '000000'),
      ...members,
    })

    const authorize = (body: object, bearer = token) => call('credentials/authorize', body, bearer)

    const signHash = (hashes: readonly string[], SAD: string, bearer = token) => {
      const body = { credentialID: alice.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
      return call('signatures/signHash', body, bearer)
    }

    it('C-09 is what credentials/info says how to use', async () => {
      const asked = { credentialID: alice.credentialId, certificates: 'none' }
      const plain = await bodyOf(call('credentials/info', asked), credentialsInfoResponse, edition)
      const told = await bodyOf(
        call('credentials/info', { ...asked, authInfo: true }),
        credentialsInfoResponse,
        edition,
      )
      assert.equal(plain.SCAL, '1')
      const { PIN: pin, OTP: otp, auth, authMode } = told
      if (edition === 'v1') {
        assert.deepEqual([plain.authMode, plain.PIN, plain.OTP], ['explicit', undefined, undefined])
        assert.equal(authMode, 'explicit')
        assert.deepEqual(pin, { presence: 'true', format: 'N', label: 'Signing PIN' })
        const label = 'Code of the authenticator app'
        assert.deepEqual(otp, { presence: 'true', type: 'offline', format: 'N', label, ID: 'totp' })
        return
      }
      // Asked for or not.
      assert.deepEqual(plain.auth, auth)
      assert.equal(auth?.mode, 'explicit')
      assert.equal(auth?.expression, 'PIN AND OTP')
      assert.deepEqual(
        auth?.objects?.map(({ type, id, format }) => [type, id, format]),
        [
          ['Password', 'PIN', 'N'],
          ['Password', 'OTP', 'N'],
        ],
      )
    })

    it('A-01 A-08 gives a SAD for PIN and code, which signs what was authorised, once, with the service token', async () => {
      const hashes = hashesOf(2)
      const asked = request(hashes, { ...FACTORS[edition](PIN, firstCodeOf(alice)), description: 'Lease' })
      const { SAD, expiresIn } = await bodyOf(authorize(asked), authorizeResponse, edition)
      assert.ok(Number(expiresIn) > 0 && Number(expiresIn) <= CODES.sadSeconds)
      await assertRefused(signHash(hashesOf(1), SAD), UNAUTHORISED[edition])
      const signed = await signHash(hashes, SAD)
      assert.equal(signed.status, 200, JSON.stringify(signed.body))
      assert.equal((signed.body as { signatures: string[] }).signatures.length, 2)
      await assertRefused(signHash(hashes, SAD), 'Invalid parameter SAD')
      // T-SAD-20: neither without the other.
      assert.equal((await signHash(hashes, SAD, SAD)).status, 401)
      await assertRefused(signHash(hashes, token), 'Invalid parameter SAD')
    })

    it('A-09 gives a SAD that is worth nothing under another signer’s token', async () => {
      const carol = await enrol('Carol')
      const hers = await application.serviceToken(carol)
      const asked = request(hashesOf(1), {
        credentialID: carol.credentialId,
        ...FACTORS[edition](PIN, firstCodeOf(carol)),
      })
      const { SAD } = await bodyOf(authorize(asked, hers), authorizeResponse, edition)
      const { hashes } = asked
      const signing = { credentialID: carol.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
      await assertRefused(call('signatures/signHash', signing, token), 'Invalid parameter SAD')
      assert.equal((await call('signatures/signHash', signing, hers)).status, 200)
    })

    const wrong: readonly (readonly [string, object, object])[] = [
      ['no credentialID', { credentialID: undefined }, missing('string', 'credentialID')],
      ['a credentialID that is no string', { credentialID: 7 }, missing('string', 'credentialID')],
      ['an unknown credential', { credentialID: 'x' }, invalid('Invalid parameter credentialID')],
      ['no numSignatures', { numSignatures: undefined }, missing('integer', 'numSignatures')],
      ['numSignatures as a text', { numSignatures: '1' }, missing('integer', 'numSignatures')],
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
      ['A-05 no hashes (T-SAD-21)', { hashes: undefined }, missing('array', 'hash')],
      ['hashes that are no array', { hashes: 'x' }, missing('array', 'hash')],
      ['a hash that is not base64', { hashes: ['*'] }, invalid('Invalid Base64 hash string parameter')],
      ['a hash of no algorithm', { hashes: ['AAAA'] }, invalid('Invalid digest value length')],
      ['a description that is none', { description: 1 }, invalid('Invalid parameter description')],
      [
        'a description without end',
        { description: 'x'.repeat(501) },
        invalid('Invalid parameter description'),
      ],
    ]
    const wrongIn: Readonly<Record<Edition, typeof wrong>> = {
      v1: [
        ['no PIN', { PIN: undefined }, { error: 'invalid_pin', error_description: 'The PIN is invalid' }],
        [
          'a PIN that is none',
          { PIN: 'abc' },
          { error: 'invalid_pin', error_description: 'The PIN is invalid' },
        ],
        ['no OTP', { OTP: undefined }, WRONG.v1],
        ['an OTP that is no number', { OTP: 'abcdef' }, WRONG.v1],
      ],
      v2: [
        ['no hash algorithm', { hashAlgorithmOID: undefined }, missing('string', 'hashAlgorithmOID')],
        ['an unknown one', { hashAlgorithmOID: '1.2.3' }, invalid('Invalid parameter hashAlgorithmOID')],
        ['SHA-1', { hashAlgorithmOID: '1.3.14.3.2.26' }, invalid('Invalid parameter hashAlgorithmOID')],
        ['no authentication data', { authData: undefined }, missing('array', 'authData')],
        ['the PIN alone', { authData: [{ id: 'PIN', value: PIN }] }, WRONG.v2],
        ['an entry that is none', { authData: ['PIN', 'OTP'] }, WRONG.v2],
        [
          'the PIN twice',
          {
            authData: [
              { id: 'PIN', value: PIN },
              { id: 'PIN', value: PIN },
            ],
          },
          WRONG.v2,
        ],
        ['a code that is no number', FACTORS.v2(PIN, 'abcdef'), WRONG.v2],
      ],
    }
    for (const [what, members, answer] of [...wrong, ...wrongIn[edition]]) {
      it(`A-02 refuses ${what}`, async () => {
        const { status, body } = await authorize(request(hashesOf(1), members))
        assert.deepEqual(body, answer)
        assert.equal(status, 400)
      })
    }

    it('A-02 refuses a credential whose key is disabled', async () => {
      const dora = await enrol('Dora')
      const hers = await application.serviceToken(dora)
      const revocation = { credentialID: dora.credentialId, reason: 'cessationOfOperation' }
      const revoked = await fetch(`${deployment.urls.server}/natsuin/v1/credentials/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${hers}` },
        body: JSON.stringify(revocation),
      })
      assert.equal(revoked.status, 204)
      const answer = authorize(request(hashesOf(1), { credentialID: dora.credentialId }), hers)
      await assertRefused(answer, 'The credential identified by credentialID is disabled')
    })

    it('is not for credentials that are approved with a passkey, nor for anybody else’s', async () => {
      const his = await application.serviceToken(bob)
      for (const credentialID of [bob.credentialId, alice.credentialId]) {
        const answer = authorize(request(hashesOf(1), { credentialID }), his)
        await assertRefused(answer, 'Invalid parameter credentialID')
      }
    })

    it('T-OTP-01: says the same of a wrong PIN and a wrong code, and after five that it is locked', async () => {
      const carol = await enrol('Clara')
      const hers = await application.serviceToken(carol)
      const credentialID = carol.credentialId
      const guess = (pin: string, code: string) =>
        authorize(request(hashesOf(1), { credentialID, ...FACTORS[edition](pin, code) }), hers)
      const good = firstCodeOf(carol)
      for (const [pin, code] of [
        ['830513', good],
        [PIN, '000000'],
        ['830513', '000000'],
        ['830513', good],
        ['830513', good],
      ] as const) {
        assert.deepEqual((await guess(pin, code)).body, WRONG[edition])
      }
      assert.deepEqual((await guess(PIN, good)).body, invalid(LOCKED[edition]))
    })
  })
}

describe('a signature that was approved with PIN and code', () => {
  it('has evidence, which says how it was approved', async () => {
    const hashes = hashesOf(1)
    const dave = await enrol('Dave')
    const his = await application.serviceToken(dave)
    const { credentialId: credentialID } = dave
    const code = firstCodeOf(dave)
    const asked = { credentialID, numSignatures: 1, hashes, hashAlgorithmOID: SHA256_OID }
    const answer = application.call('credentials/authorize', { ...asked, ...FACTORS.v2(PIN, code) }, his)
    const { SAD } = await bodyOf(answer, authorizeResponse, 'v2')
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
    for (const secret of [PIN, code]) assert.ok(!text.includes(`"${secret}"`))
  })
})
