/** credentials/extendTransaction: CSC API v1.0.4.0, 11.7; v2.0.0.2, 11.9. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { authorizeResponse, editions } from '@natsuin/protocol/csc'
import {
  type Application,
  classOf,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  SHA256_OID,
  type Signer,
  startThrowaway,
  type TestDocument,
  testDocuments,
} from '@natsuin/testing/deployment'
import { assertRefused, bodyOf, CITED, openBoth, spelt, UNAUTHORISED } from './editions.ts'

let deployment: Deployment
let application: Application
let alice: Signer
let bob: Signer
let token: string
before(async () => {
  deployment = await startThrowaway({ classes: [classOf(1), classOf(1, { id: 'short', sadSeconds: 10 })] })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
  token = await application.serviceToken(alice)
})
after(() => deployment.stop())

async function approved(count: number, signer = alice) {
  const documents = testDocuments(count)
  const SAD = await application.credentialToken(signer, detailFor(signer.credentialId, documents))
  return { documents, SAD }
}

const hashesOf = (documents: readonly TestDocument[]) => documents.map(({ digest }) => digest.hash)

for (const edition of editions) {
  const call = (method: string, body: object, bearer = token) =>
    openBoth(deployment)[edition].call(method, spelt(edition, body), bearer)

  const extend = (SAD: unknown, documents: readonly TestDocument[], members: object = {}, bearer = token) => {
    const hashAlgorithmOID = edition === 'v2' ? SHA256_OID : undefined
    const hashes = hashesOf(documents)
    const asked = { credentialID: alice.credentialId, SAD, hashes, hashAlgorithmOID, ...members }
    return call('credentials/extendTransaction', asked, bearer)
  }

  const signHash = (SAD: string, documents: readonly TestDocument[]) => {
    const hashes = hashesOf(documents)
    const asked = { credentialID: alice.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
    return call('signatures/signHash', asked)
  }

  describe(`credentials/extendTransaction (${CITED[edition]}, ${edition === 'v1' ? '11.7' : '11.9'})`, () => {
    it('A-06 gives another SAD for what is approved and not yet signed, in place of the one before (T-SAD-17)', async () => {
      const { documents, SAD } = await approved(2)
      const first = await bodyOf(extend(SAD, documents), authorizeResponse, edition)
      assert.ok(Number(first.expiresIn) > 0 && Number(first.expiresIn) <= 300)
      await assertRefused(signHash(SAD, documents), 'Invalid parameter SAD', 'the one before is dead')
      assert.equal((await signHash(first.SAD, documents.slice(0, 1))).status, 200)
      const last = await bodyOf(extend(first.SAD, documents.slice(1)), authorizeResponse, edition)
      assert.equal((await extend(last.SAD, documents.slice(0, 1))).status, 400, 'what is signed is signed')
      assert.equal((await signHash(last.SAD, documents.slice(1))).status, 200)
      assert.equal((await extend(last.SAD, documents)).status, 400, 'nothing is left')
    })

    it('refuses what was not approved, and leaves the SAD as it was', async () => {
      const { documents, SAD } = await approved(1)
      await assertRefused(extend(SAD, testDocuments(1)), UNAUTHORISED[edition])
      assert.equal((await signHash(SAD, documents)).status, 200)
    })

    it('refuses a request that is wrong by itself, another signer’s SAD, and one for another credential', async () => {
      const { documents, SAD } = await approved(1)
      const missing = (what: string) => `Missing (or invalid type) ${what}`
      await assertRefused(extend('x', documents), 'Invalid parameter SAD')
      await assertRefused(extend(undefined, documents), missing('string parameter SAD'))
      await assertRefused(extend(7, documents), missing('string parameter SAD'))
      await assertRefused(extend(SAD, documents, { hashes: undefined }), missing('array parameter hash'))
      await assertRefused(extend(SAD, documents, { hashes: [] }), 'Empty hash array')
      await assertRefused(extend(SAD, documents, { hashes: ['*'] }), 'Invalid Base64 hash string parameter')
      await assertRefused(extend(SAD, documents, { hashes: ['AAAA'] }), 'Invalid digest value length')
      const noId = extend(SAD, documents, { credentialID: undefined })
      await assertRefused(noId, missing('string parameter credentialID'))
      if (edition === 'v2') {
        const unnamed = extend(SAD, documents, { hashAlgorithmOID: undefined })
        await assertRefused(unnamed, missing('string parameter hashAlgorithmOID'))
      }
      const elsewhere = extend(SAD, documents, { credentialID: bob.credentialId })
      await assertRefused(elsewhere, 'Invalid parameter credentialID')
      const bobs = await application.serviceToken(bob)
      await assertRefused(extend(SAD, documents, {}, bobs), 'Invalid parameter SAD')
      assert.equal((await extend(SAD, documents)).status, 200)
    })
  })
}

describe('a SAD that has expired', () => {
  it('A-07 is not extended', async () => {
    const dave = await enrolSigner(deployment, { commonName: 'Dave' }, { classId: 'short' })
    const his = await application.serviceToken(dave)
    const { documents, SAD } = await approved(1, dave)
    const extend = (edition: (typeof editions)[number]) =>
      openBoth(deployment)[edition].call(
        'credentials/extendTransaction',
        spelt(edition, {
          credentialID: dave.credentialId,
          SAD,
          hashes: hashesOf(documents),
          hashAlgorithmOID: SHA256_OID,
        }),
        his,
      )
    await new Promise(resolve => setTimeout(resolve, 10_500))
    for (const edition of editions) await assertRefused(extend(edition), 'SAD expired')
  })
})
