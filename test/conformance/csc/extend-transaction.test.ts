/** credentials/extendTransaction. CSC API v2.0.0.2, 11.9. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
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

let deployment: Deployment
let application: Application
let alice: Signer
let token: string
before(async () => {
  deployment = await startThrowaway()
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  token = await application.serviceToken(alice)
})
after(() => deployment.stop())

interface Extended {
  readonly SAD: string
  readonly expiresIn: number
}

async function approved(count: number) {
  const documents = testDocuments(count)
  const SAD = await application.credentialToken(alice, detailFor(alice.credentialId, documents))
  return { documents, SAD }
}

const hashesOf = (documents: readonly TestDocument[]) => documents.map(({ digest }) => digest.hash)

const extend = (SAD: unknown, documents: readonly TestDocument[], members: object = {}, bearer = token) =>
  application.call(
    'credentials/extendTransaction',
    {
      credentialID: alice.credentialId,
      SAD,
      hashes: hashesOf(documents),
      hashAlgorithmOID: SHA256_OID,
      ...members,
    },
    bearer,
  )

const signHash = (SAD: string, documents: readonly TestDocument[]) =>
  application.call(
    'signatures/signHash',
    { credentialID: alice.credentialId, SAD, hashes: hashesOf(documents), signAlgo: ECDSA_SHA256_OID },
    token,
  )

describe('credentials/extendTransaction (CSC API v2.0.0.2, 11.9)', () => {
  it('T-SAD-17: gives another SAD for what is approved and not yet signed, in place of the one before', async () => {
    const { documents, SAD } = await approved(2)
    const first = await extend(SAD, documents)
    assert.equal(first.status, 200, JSON.stringify(first.body))
    const { SAD: next, expiresIn } = first.body as Extended
    assert.ok(expiresIn > 0 && expiresIn <= 300)
    assert.equal((await signHash(SAD, documents)).status, 400, 'the one before is dead')
    assert.equal((await signHash(next, documents.slice(0, 1))).status, 200)
    const { SAD: last } = (await extend(next, documents.slice(1))).body as Extended
    assert.equal((await extend(last, documents.slice(0, 1))).status, 400, 'what is signed is signed')
    assert.equal((await signHash(last, documents.slice(1))).status, 200)
    assert.equal((await extend(last, documents)).status, 400, 'nothing is left')
  })

  it('refuses what was not approved, and leaves the SAD as it was', async () => {
    const { documents, SAD } = await approved(1)
    const { body } = await extend(SAD, testDocuments(1))
    const description = 'Hash is not authorized by the SAD'
    assert.deepEqual(body, { error: 'invalid_request', error_description: description })
    assert.equal((await signHash(SAD, documents)).status, 200)
  })

  it('refuses a SAD that is none, no hashes, and another signer’s', async () => {
    const { documents, SAD } = await approved(1)
    assert.equal((await extend('x', documents)).status, 400)
    assert.equal((await extend(undefined, documents)).status, 400)
    assert.equal((await extend(SAD, documents, { hashes: undefined })).status, 400)
    assert.equal((await extend(SAD, documents, { hashAlgorithmOID: undefined })).status, 400)
    const bob = await enrolSigner(deployment, { commonName: 'Bob' })
    assert.equal((await extend(SAD, documents, {}, await application.serviceToken(bob))).status, 400)
    assert.equal((await extend(SAD, documents)).status, 200)
  })
})
