import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { authenticationJson, registrationJson } from './browser-json.ts'
import {
  createSoftwareAuthenticator,
  NoCredential,
  restoreSoftwareAuthenticator,
} from './software-authenticator.ts'

const site = { rpId: 'approve.localhost', origin: 'http://approve.localhost:8081' }
const challenge = () => new Uint8Array(randomBytes(32))

for (const algorithm of ['ES256', 'RS256'] as const) {
  describe(`software authenticator, ${algorithm}, judged by another library`, () => {
    it('registers, and asserts with the registered key and a counter that grows', async () => {
      const device = createSoftwareAuthenticator({ algorithm })
      const asked = challenge()
      const registered = device.register({ ...site, challenge: asked })
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: registrationJson(registered),
        expectedChallenge: toBase64url(asked),
        expectedOrigin: site.origin,
        expectedRPID: site.rpId,
        requireUserVerification: true,
      })
      assert.equal(verified, true)
      assert.ok(registrationInfo)
      assert.equal(registrationInfo.credentialDeviceType, 'singleDevice')
      for (const counter of [1, 2]) {
        const given = challenge()
        const assertion = device.assert({ ...site, challenge: given, allow: [registered.credentialId] })
        const answer = await verifyAuthenticationResponse({
          response: authenticationJson(assertion, device.userHandle(assertion.credentialId)),
          expectedChallenge: toBase64url(given),
          expectedOrigin: site.origin,
          expectedRPID: site.rpId,
          credential: { ...registrationInfo.credential, counter: counter - 1 },
          requireUserVerification: true,
        })
        assert.equal(answer.verified, true)
        assert.equal(answer.authenticationInfo.newCounter, counter)
      }
    })
  })
}

describe('software authenticator', () => {
  it('says that it is synced when it was made so', async () => {
    const device = createSoftwareAuthenticator({ backupEligible: true })
    const asked = challenge()
    const { registrationInfo } = await verifyRegistrationResponse({
      response: registrationJson(device.register({ ...site, challenge: asked })),
      expectedChallenge: toBase64url(asked),
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
    })
    assert.equal(registrationInfo?.credentialDeviceType, 'multiDevice')
    assert.equal(registrationInfo?.credentialBackedUp, true)
  })

  it('is the same device after its state went through JSON', () => {
    const device = createSoftwareAuthenticator()
    const { credentialId } = device.register({ ...site, challenge: challenge() })
    device.assert({ ...site, challenge: challenge() })
    const restored = restoreSoftwareAuthenticator(JSON.parse(JSON.stringify(device.exportState())))
    assert.deepEqual(restored.exportState(), device.exportState())
    const { credentialId: used, authenticatorData } = restored.assert({ ...site, challenge: challenge() })
    assert.deepEqual(used, credentialId)
    assert.equal(authenticatorData[36], 2)
  })

  it('has nothing for another RP ID or another allow list', () => {
    const device = createSoftwareAuthenticator()
    device.register({ ...site, challenge: challenge() })
    assert.throws(() => device.assert({ ...site, rpId: 'localhost', challenge: challenge() }), NoCredential)
    assert.throws(
      () => device.assert({ ...site, challenge: challenge(), allow: [challenge()] }),
      NoCredential,
    )
  })
})
