/** A token that lacks an algorithm: nobody is told that it signs so, and who asks is refused before anything is used up. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import { toBase64 } from '@natsuin/pki/encoding'
import { pssParameters } from '@natsuin/pki/x509'
import type { CredentialInfo, InfoResponse, SignHashResponse } from '@natsuin/protocol/csc'
import {
  type Application,
  classOf,
  type Deployment,
  detailFor,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'
import { createShim, type Shim } from '@natsuin/testing/pkcs11-shim'

const NO_PSS = '* always without d'
const PSS_SHA256 = toBase64(pssParameters('sha256'))
const PKCS1 = signatureAlgorithms['rsa-sha256'].oid

let tokens: { readonly sam: SoftHsmToken; readonly authorities: SoftHsmToken }
let shim: Shim
let deployment: Deployment
let application: Application
let alice: Signer
before(async () => {
  tokens = { sam: await createSoftHsmToken(), authorities: await createSoftHsmToken() }
  shim = createShim(tokens.sam.options)
  shim.play(NO_PSS)
  deployment = await startThrowaway({
    classes: [classOf(1, { keyType: 'rsa-3072' })],
    maxLevel: 1,
    module: {
      sam: { ...planOf(tokens.sam), ...shim.library },
      authorities: planOf(tokens.authorities),
    },
  })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
})
after(async () => {
  await deployment?.stop()
  shim?.remove()
  for (const token of Object.values(tokens ?? {})) await token.remove()
})

function planOf({ options: { modulePath, tokenLabel, pinFile, environment = {} } }: SoftHsmToken) {
  return { modulePath, tokenLabel, pinFile, environment }
}

async function sign(members: object) {
  const documents = testDocuments(1)
  const token = await application.credentialToken(alice, detailFor(alice.credentialId, documents), {
    documents: documents.map(({ documentDigest }) => documentDigest),
  })
  const hashes = documents.map(({ dtbsr }) => toBase64(dtbsr))
  return application.call(
    'signatures/signHash',
    { credentialID: alice.credentialId, hashes, ...members },
    token,
  )
}

describe('a token without RSASSA-PSS (T-P11-14)', () => {
  it('is not said to have it, neither of a credential nor of the service', async () => {
    const service = await application.serviceToken(alice)
    const credential = await application.call(
      'credentials/info',
      { credentialID: alice.credentialId },
      service,
    )
    const { algo } = (credential.body as CredentialInfo).key
    assert.ok(algo.includes(PKCS1) && !algo.includes(OID.rsassaPss), algo.join(' '))
    const { signAlgorithms } = (await application.call('info', {})).body as InfoResponse
    assert.ok(signAlgorithms.algos.includes(PKCS1) && !signAlgorithms.algos.includes(OID.rsassaPss))
  })

  it('signs otherwise, and is not asked for it', async () => {
    const asked = shim.calls('C_SignInit').length
    const { status, body } = await sign({ signAlgo: OID.rsassaPss, signAlgoParams: PSS_SHA256 })
    assert.equal(status, 400)
    assert.deepEqual(body, { error: 'invalid_request', error_description: 'Invalid parameter signAlgo' })
    const mechanisms = shim
      .calls('C_SignInit')
      .slice(asked)
      .map(({ detail }) => detail['mechanism'])
    assert.ok(!mechanisms.includes('d'))
    const signed = await sign({ signAlgo: PKCS1 })
    assert.equal(signed.status, 200, JSON.stringify(signed.body))
    assert.equal((signed.body as SignHashResponse).signatures?.length, 1)
  })
})
