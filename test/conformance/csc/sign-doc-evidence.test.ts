/**
 * What signDoc made of what a signer approved, and what shows it (sole-control 4; docs/evidence.md): at level 3 the digest of a
 * document, of which the SAM makes CMS signed attributes; below it whatever the service made, which the evidence says.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type EvidenceFacts, verifyEvidence } from '@natsuin/evidence'
import { parseSignedData } from '@natsuin/pki/cms'
import { fromBase64, toBase64, utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import {
  type Application,
  classOf,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  SHA256_OID,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { opensslCades } from '@natsuin/testing/judges'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const CONTENT = utf8('契約書\nThe parties agree.\n')
const DIGEST = digestSync('sha256', CONTENT)

const folder = temporaryFolder()

let deployment: Deployment
let application: Application
let strict: Signer
let lenient: Signer
before(async () => {
  deployment = await startThrowaway({ classes: [classOf(2), classOf(3)] })
  application = openApplication(deployment)
  strict = await enrolSigner(deployment, { commonName: 'Alice' }, { classId: 'level-3' })
  lenient = await enrolSigner(deployment, { commonName: 'Bob' }, { classId: 'level-2' })
})
after(() => deployment.stop())

/** Approved as the digest of a document or of the whole file, which the signer has before him. */
const approved = ({ credentialId, ...signer }: Signer, hashType: 'sdr' | 'sodr') =>
  application.credentialToken(
    { credentialId, ...signer },
    {
      type: 'credential',
      credentialID: credentialId,
      hashAlgorithmOID: SHA256_OID,
      documentDigests: [{ hash: toBase64(DIGEST), hashType, label: 'contract.txt' }],
    },
    { documents: [DIGEST] },
  )

async function signDoc(signer: Signer, token: string, members: object) {
  const asked = { credentialID: signer.credentialId, ...members }
  const { status, body } = await application.call('signatures/signDoc', asked, token)
  return { status, ...(body as { SignatureObject?: string[]; error_description?: string }) }
}

const ofDigest = (format: string) => ({
  documentDigests: [
    {
      hashes: [toBase64(DIGEST)],
      hashAlgorithmOID: SHA256_OID,
      signature_format: format,
      signAlgo: ECDSA_SHA256_OID,
      ...(format !== 'P' && { signed_envelope_property: 'Detached' }),
    },
  ],
})

const ofDocument = (format: string) => ({
  documents: [
    {
      document: toBase64(CONTENT),
      signature_format: format,
      signAlgo: ECDSA_SHA256_OID,
      signed_envelope_property: 'Detached',
    },
  ],
})

const bytesOf = (text: string | undefined) => fromBase64(text ?? '') ?? assert.fail('not base64')

/** What the evidence of this CMS signature proves, compared with what stands in it. */
async function factsOf(signer: Signer, cms: Uint8Array): Promise<EvidenceFacts> {
  const [signerInfo] = parseSignedData(cms).signerInfos
  assert.ok(signerInfo?.signedAttributes)
  const { signedAttributes, signature } = signerInfo
  const response = await fetch(`${deployment.urls.server}/natsuin/v1/evidence`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await application.serviceToken(signer)}`,
    },
    body: JSON.stringify({ credentialID: signer.credentialId, signature: toBase64(signature) }),
  })
  const { evidence } = (await response.json()) as { evidence?: unknown }
  const verdict = await verifyEvidence({
    evidence: utf8(JSON.stringify(evidence)),
    samKeyDigest: deployment.samKeyDigest,
    document: { signedAttributes: signedAttributes.bytes, signatureValue: signature },
    platform: nodePlatform,
  })
  assert.ok(verdict.valid, JSON.stringify(verdict))
  return verdict.facts
}

/** openssl, who knows nothing of us, takes the signature for one over the content. */
function judge(cms: Uint8Array, root: Uint8Array, content = CONTENT): string {
  const files = { 'signature.der': cms, content, 'root.pem': toPem('CERTIFICATE', root) }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  const [signature, file, trusted] = Object.keys(files).map(name => join(folder, name))
  const named = ['-in', signature ?? '', '-content', file ?? '', '-CAfile', trusted ?? '']
  return opensslCades(...named, '-purpose', 'any')
}

async function rootOf(signer: Signer): Promise<Uint8Array> {
  const asked = { credentialID: signer.credentialId, certificates: 'chain' }
  const { body } = await application.call('credentials/info', asked, await application.serviceToken(signer))
  return bytesOf((body as { cert: { certificates: string[] } }).cert.certificates.at(-1))
}

describe('what signDoc made at level 3', () => {
  for (const format of ['C', 'P']) {
    it(`${format}: follows from the approved digest and the certificate, as evidence and openssl show`, async () => {
      const token = await approved(strict, 'sdr')
      const signed = await signDoc(strict, token, ofDigest(format))
      assert.equal(signed.status, 200, signed.error_description)
      const cms = bytesOf(signed.SignatureObject?.[0])
      const root = await rootOf(strict)
      assert.match(judge(cms, root), /CAdES Verification successful/)
      assert.throws(() => judge(cms, root, utf8('another agreement')))
      const { approved: item, connection, level, documentCompared } = await factsOf(strict, cms)
      assert.deepEqual([connection, level, documentCompared], ['derived', 3, true])
      assert.deepEqual(item, {
        basis: 'seen',
        label: 'contract.txt',
        hashType: 'sdr',
        documentDigest: DIGEST,
      })
      assert.equal((await signDoc(strict, token, ofDigest(format))).status, 400)
    })
  }

  it('is nothing in a format of which the service would make it; nothing is spent by asking', async () => {
    const token = await approved(strict, 'sdr')
    for (const format of ['X', 'J']) {
      const { status, error_description } = await signDoc(strict, token, ofDigest(format))
      assert.deepEqual([status, error_description], [400, 'Hash is not authorized by the SAD'])
    }
    assert.equal((await signDoc(strict, token, ofDigest('C'))).status, 200)
  })
})

describe('what signDoc made at level 2', () => {
  it('of a whole file beside which the signature stands, follows from its digest as well', async () => {
    const token = await approved(lenient, 'sodr')
    const signed = await signDoc(lenient, token, ofDocument('C'))
    assert.equal(signed.status, 200, signed.error_description)
    const facts = await factsOf(lenient, bytesOf(signed.SignatureObject?.[0]))
    assert.ok('hashType' in facts.approved)
    assert.deepEqual([facts.approved.hashType, facts.connection, facts.level], ['sodr', 'derived', 2])
  })

  it('with a commitment that the signer did not approve, only the service says of what it is', async () => {
    const token = await approved(lenient, 'sodr')
    const [document] = ofDocument('C').documents
    const signed_props = [
      { attribute_name: 'commitment-type-indication', attribute_value: 'MA0GCyqGSIb3DQEJEAYB' },
    ]
    const signed = await signDoc(lenient, token, { documents: [{ ...document, signed_props }] })
    assert.equal(signed.status, 200, signed.error_description)
    const facts = await factsOf(lenient, bytesOf(signed.SignatureObject?.[0]))
    assert.equal(facts.connection, 'prepared')
  })
})
