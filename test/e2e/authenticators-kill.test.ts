/**
 * kill -9 of the SAM when a signer's authenticators change: an addition whose answer was lost is answered again, and
 * what was removed stays removed.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  addDevice,
  addPasskey,
  answer,
  askAccount,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  type Failpoints,
  openAccount,
  openApplication,
  openChange,
  openFailpoints,
  PageRefused,
  removeAuthenticatorStatementBytes,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

let failpoints: Failpoints
let deployment: Deployment
before(async () => {
  failpoints = await openFailpoints()
  deployment = await startThrowaway({ failpoints: failpoints.socket })
})
after(async () => {
  await deployment.stop()
  await failpoints.close()
})

const enrol = (commonName: string) => enrolSigner(deployment, { commonName })

async function authenticatorsOf(signer: Signer) {
  const token = await openAccount(deployment, signer)
  const { authenticators } = await askAccount(deployment, token, 'authenticators')
  return authenticators as readonly { readonly id: string; readonly label?: string }[]
}

/** Signs with an approval by this device. */
async function status(signer: Signer, device: SoftwareAuthenticator): Promise<number> {
  const application = openApplication(deployment)
  const documents = testDocuments(1)
  const detail = detailFor(signer.credentialId, documents)
  const token = await application.credentialToken({ ...signer, device }, detail)
  const hashes = documents.map(({ digest }) => digest.hash)
  const request = { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID }
  return (await application.call('signatures/signHash', request, token)).status
}

describe('kill -9 of the SAM', () => {
  it('after an authenticator was added: the same answer again is answered, and it approves', async () => {
    const alice = await enrol('Alice')
    const device = createSoftwareAuthenticator()
    const origin = deployment.urls.approval
    const begun = await askAccount(deployment, await openAccount(deployment, alice), 'authenticators/add')
    const { ticket, allow, submit } = await openChange(deployment, String(begun['continue']))
    const answered = addDevice(
      ticket,
      { device, label: 'Second', origin },
      { device: alice.device, origin, allow },
    )
    const reached = failpoints.reached('authenticator-added')
    const lost = assert.rejects(submit(answered))
    await reached
    await deployment.process('sam').kill()
    await lost
    await deployment.restart('sam')
    await submit(answered)
    assert.equal((await authenticatorsOf(alice)).length, 2)
    assert.equal(await status(alice, device), 200)
  })

  it('after an authenticator was removed: it stays removed', async () => {
    const alice = await enrol('Alice')
    const device = await addPasskey(deployment, alice, { label: 'Lost' })
    assert.equal(await status(alice, device), 200)
    const id = (await authenticatorsOf(alice)).find(({ label }) => label === 'Lost')?.id
    const token = await openAccount(deployment, alice)
    const begun = await askAccount(deployment, token, 'authenticators/remove', { authenticatorId: id })
    const { ticket, allow, submit } = await openChange(deployment, String(begun['continue']))
    const approving = { device: alice.device, origin: deployment.urls.approval, allow }
    const reached = failpoints.reached('authenticator-removed')
    const lost = assert.rejects(submit(answer(removeAuthenticatorStatementBytes(ticket), approving)))
    await reached
    await deployment.process('sam').kill()
    await lost
    await deployment.restart('sam')
    assert.equal((await authenticatorsOf(alice)).length, 1)
    // The page is not even told of it; answered nevertheless, it is unknown.
    await assert.rejects(status(alice, device))
    assert.equal(await status(alice, alice.device), 200)
  })

  it('leaves a ticket void, and the signer begins again', async () => {
    const alice = await enrol('Alice')
    const origin = deployment.urls.approval
    const begun = await askAccount(deployment, await openAccount(deployment, alice), 'authenticators/add')
    const { ticket, allow, submit } = await openChange(deployment, String(begun['continue']))
    await deployment.process('sam').kill()
    await deployment.restart('sam')
    const device = createSoftwareAuthenticator()
    const answered = addDevice(
      ticket,
      { device, label: 'Second', origin },
      { device: alice.device, origin, allow },
    )
    await assert.rejects(submit(answered), (error: unknown) => {
      return error instanceof PageRefused && error.code === 'ticket-foreign'
    })
    await addPasskey(deployment, alice)
  })
})
