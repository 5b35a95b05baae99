/** kill -9 of the SAM while somebody guesses PIN and code: no guess is given back, and a lock stays (threats T-OTP-02). */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type CodeSigner,
  classOf,
  type Deployment,
  enrolWithCodes,
  type Failpoints,
  openApplication,
  openFailpoints,
  SHA256_OID,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'

const CODES = classOf(2, { id: 'codes', approvals: ['pin-totp'] })

let failpoints: Failpoints
let deployment: Deployment
let alice: CodeSigner
let token: string
before(async () => {
  failpoints = await openFailpoints()
  deployment = await startThrowaway({ classes: [CODES], failpoints: failpoints.socket })
  alice = await enrolWithCodes(deployment, { commonName: 'Alice' }, { pin: '830512', classId: CODES.id })
  token = await openApplication(deployment).serviceToken(alice)
})
after(async () => {
  await deployment.stop()
  await failpoints.close()
})

async function guess(): Promise<string> {
  const [document = assert.fail()] = testDocuments(1)
  const answer = await openApplication(deployment).call(
    'credentials/authorize',
    {
      credentialID: alice.credentialId,
      numSignatures: 1,
      hashes: [document.digest.hash],
      hashAlgorithmOID: SHA256_OID,
      authData: [
        { id: 'PIN', value: '830513' },
        { id: 'OTP', value: '000000' },
      ],
    },
    token,
  )
  return (answer.body as { error_description: string }).error_description
}

async function killedAt(point: 'attempted' | 'means-locked'): Promise<void> {
  const reached = failpoints.reached(point)
  const lost = guess()
  await reached
  await deployment.process('sam').kill()
  await lost
  await deployment.restart('sam')
}

describe('kill -9 of the SAM', () => {
  it('T-OTP-02: after an attempt was counted, and when it locks: five guesses are five', async () => {
    for (let i = 0; i < 2; i++) await killedAt('attempted')
    for (let i = 0; i < 2; i++) assert.equal(await guess(), 'The authentication data is invalid')
    await killedAt('means-locked')
    assert.equal(await guess(), 'Credential locked')
  })
})
