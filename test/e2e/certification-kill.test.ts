/**
 * kill -9 of the SAM while a key signs its certification request (sole-control 6; threats 23, T-DUR-02): the log has the
 * use, nobody has the request, and it is approved anew.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { connect } from '@natsuin/protocol/node'
import { sapMethods, sapRefusals } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  type AdministrativeChannel,
  decide,
  enrolStatementBytes,
  invite,
  openAdministration,
  register,
} from '@natsuin/testing/deployment'
import { holds, killAt, type Scene, setScene, strike } from './kill/cases.ts'
import { Signing } from './kill/client.ts'

let scene: Scene
before(async () => {
  scene = await setScene()
})
beforeEach(() => scene.clients.keepCheckpoint())
after(() => strike(scene))

/** Somebody whose key no authority has certified: the server, which has them certified, is left out. */
async function enrolUncertified(): Promise<string> {
  const { deployment } = scene
  const address = { socket: join(deployment.directory, 'sam.sock') }
  const sam = connect({ methods: sapMethods, address, refusals: sapRefusals })
  try {
    const { grantId, enrolmentKey } = await invite(deployment, { commonName: 'Outside', countryName: 'JP' })
    const { ticket } = await sam.call('tickets/enrol', { grantId })
    const options = { device: createSoftwareAuthenticator(), origin: deployment.urls.approval }
    const registered = await register(enrolStatementBytes(ticket), enrolmentKey, options)
    return (await sam.call('enrol', registered)).credentialId
  } finally {
    sam.close()
  }
}

async function administering<T>(work: (channel: AdministrativeChannel) => Promise<T>): Promise<T> {
  const channel = openAdministration(scene.deployment)
  try {
    return await work(channel)
  } finally {
    channel.close()
  }
}

const read = (credentialId: string) =>
  administering(channel => channel.call('credentials/read', { credentialId }))

async function request(credentialId: string): Promise<void> {
  const { subject, publicKeyDigest } = await read(credentialId)
  const credentials = [{ credentialId, subject, publicKeyDigest }]
  await decide(scene.deployment, { kind: 'request-certificates', credentials })
}

describe('kill -9 of the SAM while a key signs its certification request (T-DUR-02)', () => {
  for (const point of ['certificate-requested', 'certification-signed'] as const) {
    it(`at ${point}: there is none, and people approve it anew`, async () => {
      const credentialId = await enrolUncertified()
      const { status } = await killAt(scene, 'sam', point, () => request(credentialId))
      assert.equal(status, 'rejected')
      await scene.deployment.restart('sam')
      assert.equal((await read(credentialId)).certificationRequest, undefined)
      await request(credentialId)
      assert.ok((await read(credentialId)).certificationRequest)
      await new Signing(scene.clients, scene.signer).run()
      holds(scene)
    })
  }
})
