/** kill -9 of the SAM after a SAD was extended: neither the old nor the new one signs, and the signer approves again. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  type Failpoints,
  openApplication,
  openFailpoints,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

let failpoints: Failpoints
let deployment: Deployment
let alice: Signer
before(async () => {
  failpoints = await openFailpoints()
  deployment = await startThrowaway({ failpoints: failpoints.socket })
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
})
after(async () => {
  await deployment.stop()
  await failpoints.close()
})

describe('kill -9 of the SAM', () => {
  it('after a SAD was extended: what is left of it is void, and the signer approves again', async () => {
    const application = openApplication(deployment)
    const token = await application.serviceToken(alice)
    const documents = testDocuments(1)
    const { credentialId: credentialID } = alice
    const hashes = documents.map(({ digest }) => digest.hash)
    const approve = () => application.credentialToken(alice, detailFor(credentialID, documents))
    const sign = async (SAD: string) => {
      const request = { credentialID, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
      return (await application.call('signatures/signHash', request, token)).status
    }
    const SAD = await approve()
    const request = { credentialID, SAD, hashes, hashAlgorithmOID: SHA256_OID }
    const reached = failpoints.reached('sad-extended')
    const lost = application.call('credentials/extendTransaction', request, token)
    await reached
    await deployment.process('sam').kill()
    assert.notEqual((await lost).status, 200)
    await deployment.restart('sam')
    assert.equal(await sign(SAD), 400)
    assert.equal(await sign(await approve()), 200)
  })
})
