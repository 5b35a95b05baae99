/** Every format and envelope through a thread, from documents and from digests; the verifiers of `ades` judge. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { bytesSource, openCades } from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { verifyCades, verifyJades, verifyPades } from '@natsuin/ades/validation'
import { verifyXades } from '@natsuin/ades/validation/xades'
import { attribute, buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { documentOfSize } from '@natsuin/testing/pdf'
import { issuing, NOW, root, signer } from '@natsuin/testing/pki'
import { type DocumentQuestions, type DocumentThreads, startDocumentThreads } from './document-threads.ts'
import { envelopesOf, FORMATS, type SignatureFormat } from './offer.ts'
import { openSpool, type Spool, type SpoolFolder } from './spool.ts'
import type { DocumentTask, PreparedDocument } from './task.ts'

let spool: Spool
let folder: SpoolFolder
let threads: DocumentThreads
before(async () => {
  spool = await openSpool('')
  folder = await spool.folder()
  threads = startDocumentThreads()
})
after(async () => {
  await threads.close()
  await spool.close()
})

const PDF = documentOfSize('A contract', 3000)
const XML = utf8('<order><total currency="JPY">1000</total></order>')
const ANY = utf8('契約書\nThe parties agree.\n')
const DOCUMENTS: Readonly<Record<SignatureFormat, Uint8Array>> = { C: ANY, X: XML, P: PDF, J: ANY }
const VERIFYING = { platform, trustAnchors: [root.certificate.bytes], at: NOW }

let count = 0
function taskOf(
  format: SignatureFormat,
  envelope: string,
  members: Partial<DocumentTask> = {},
): DocumentTask {
  const path = folder.path(`in-${count++}`)
  writeFileSync(path, DOCUMENTS[format])
  return {
    format,
    envelope,
    level: 'B-B',
    source: { path },
    outputPath: folder.path(`out-${count}`),
    signingCertificate: signer.certificate.bytes,
    chain: [issuing.certificate.bytes],
    signatureAlgorithm: 'ecdsa-sha256',
    signingTime: NOW,
    properties: [],
    referenceUri: 'document',
    withValidationInfo: false,
    authorities: {
      root: root.certificate.bytes,
      timeStamping: root.certificate.bytes,
      timeStampUrl: 'http://127.0.0.1:9/',
      ownHosts: [],
    },
    ...members,
  }
}

/** As the SAM makes them (`padesSignedAttributes`; `prepareCades` without claims). */
async function attributesFor({ documentDigest, representation }: PreparedDocument): Promise<Uint8Array> {
  const signingCertificate = await essCertIdOf(signer.certificate.bytes, 'sha256', platform)
  const algorithms = { digestAlgorithm: 'sha256', signatureAlgorithm: 'ecdsa-sha256' } as const
  const cades = { signingTime: NOW, algorithmProtection: algorithms }
  const further = 'cms' in representation && representation.cms === 'cades' ? cades : {}
  return buildSignedAttributes({ messageDigest: documentDigest, signingCertificate, ...further })
}

const preparing = (task: DocumentTask) => threads.admit(questions => questions.prepare(task))

const signed = (task: DocumentTask) => threads.admit(questions => signedBy(questions, task))

async function signedBy(questions: DocumentQuestions, task: DocumentTask): Promise<Uint8Array> {
  const prepared = await questions.prepare(task)
  const { representation } = prepared
  const made = 'cms' in representation
  const signedAttributes = made ? await attributesFor(prepared) : undefined
  const data = signedAttributes ?? ('dtbs' in representation ? representation.dtbs : new Uint8Array())
  await questions.complete(task, prepared, { signatureValue: signer.sign(data), signedAttributes })
  return new Uint8Array(readFileSync(task.outputPath))
}

type Verify = (
  signature: Uint8Array,
  content?: Uint8Array,
) => Promise<readonly { readonly indication: string }[]>

const VERIFIERS: Readonly<Record<SignatureFormat, Verify>> = {
  C: async (file, given) => {
    const { signature, content = given && bytesSource(given) } = await openCades(bytesSource(file))
    return verifyCades(bytesSource(signature), { ...VERIFYING, ...(content && { content }) })
  },
  X: (file, given) => verifyXades(file, { ...VERIFYING, detached: () => given && bytesSource(given) }),
  P: async file => [await verifyPades(bytesSource(file), VERIFYING)],
  J: (file, given) =>
    verifyJades(fromUtf8(file) ?? '', {
      ...VERIFYING,
      ...(given && { content: { objects: new Map([['document', bytesSource(given)]]) } }),
    }),
}

async function assertVerifies(format: SignatureFormat, file: Uint8Array, content?: Uint8Array, signers = 1) {
  const verdicts = await VERIFIERS[format](file, content)
  assert.deepEqual(
    verdicts.map(({ indication }) => indication),
    Array(signers).fill('TOTAL-PASSED'),
  )
}

describe('documents signed in a thread', () => {
  for (const format of FORMATS) {
    for (const envelope of envelopesOf(format).filter(one => one !== 'Parallel')) {
      it(`D-01 ${format} ${envelope}`, async () => {
        const content = envelope === 'Detached' ? DOCUMENTS[format] : undefined
        await assertVerifies(format, await signed(taskOf(format, envelope)), content)
      })
    }
  }

  for (const format of ['C', 'J'] as const) {
    it(`D-01 ${format} Parallel puts a signer beside those that a signature has`, async () => {
      const task = taskOf(format, 'Parallel')
      const [path] = 'path' in task.source ? [task.source.path] : []
      writeFileSync(path ?? '', await signed(taskOf(format, 'Attached')))
      await assertVerifies(format, await signed(task), undefined, 2)
      writeFileSync(path ?? '', DOCUMENTS[format])
      await assert.rejects(signed(task), { name: 'DocumentRefused', code: 'document-unfit' })
    })
  }

  it('D-01 C, X, J from digests', async () => {
    for (const format of ['C', 'X', 'J'] as const) {
      const source = { digest: digestSync('sha256', ANY) }
      await assertVerifies(format, await signed(taskOf(format, 'Detached', { source })), ANY)
    }
  })

  it('refuses what is no document of the format, in a word of the library', async () => {
    const unfit = (task: DocumentTask) => assert.rejects(preparing(task), { code: 'document-unfit' })
    const path = folder.path('unfit')
    writeFileSync(path, 'nothing')
    await unfit(taskOf('P', 'Revision', { source: { path } }))
    await unfit(taskOf('X', 'Enveloped', { source: { path } }))
  })

  it('refuses to certify a document that is signed, and signs it once more in a revision', async () => {
    const path = folder.path('signed.pdf')
    writeFileSync(path, await signed(taskOf('P', 'Certification')))
    await assert.rejects(preparing(taskOf('P', 'Certification', { source: { path } })), {
      code: 'envelope-unfit',
    })
    await assertVerifies('P', await signed(taskOf('P', 'Revision', { source: { path } })))
  })
})

describe('signed_props (CSC API v2.0.0.2, 11.11)', () => {
  const refused = (format: SignatureFormat, envelope: string, name: string, value?: Uint8Array) =>
    assert.rejects(preparing(taskOf(format, envelope, { properties: [{ name, ...(value && { value }) }] })), {
      code: 'signed-props-invalid',
      detail: name,
    })

  it('stand in the dictionary of a PDF signature; the name is computed when it is not said', async () => {
    const said = ['Reason', 'Location', 'ContactInfo'].map(name => ({ name, value: utf8(`the ${name}`) }))
    const file = await signed(taskOf('P', 'Revision', { properties: [...said, { name: 'Name' }] }))
    await assertVerifies('P', file)
    const text = Buffer.from(file).toString('latin1')
    for (const name of ['Reason', 'Location', 'ContactInfo'])
      assert.ok(text.includes(`/${name} (the ${name})`), name)
    assert.match(text, /\/Name \(Hanako Yamada\)/)
    await refused('P', 'Revision', 'Reason')
    await refused('P', 'Revision', 'Mood', utf8('good'))
    await refused('P', 'Revision', 'Reason', Uint8Array.of(0xff))
  })

  it('are attributes of a CMS signature, taken as they were given or not at all', async () => {
    const mimeType = Uint8Array.of(0x0c, 0x0a, ...utf8('text/plain'))
    const file = await signed(
      taskOf('C', 'Attached', { properties: [{ name: 'mime-type', value: mimeType }] }),
    )
    await assertVerifies('C', file)
    assert.ok(Buffer.from(file).includes(Buffer.from(attribute('0.4.0.1733.2.1', mimeType))))
    await signed(taskOf('C', 'Attached', { properties: [{ name: '0.4.0.1733.2.1', value: mimeType }] }))
    await refused('C', 'Attached', 'content-time-stamp', mimeType)
    await refused('C', 'Attached', '1.2.840.113549.1.9.4', mimeType)
    await refused('C', 'Attached', 'signer-location', mimeType)
    await refused('C', 'Attached', 'mime-type', Uint8Array.of(0x0c, 0x7f))
    await refused('C', 'Attached', 'mime-type')
  })

  it('are properties of an XML signature', async () => {
    const values = {
      SignatureProductionPlaceV2: '<City>Tokyo</City><CountryName>JP</CountryName>',
      SignerRoleV2:
        '<ClaimedRoles><ClaimedRole>Director</ClaimedRole><ClaimedRole>Owner</ClaimedRole></ClaimedRoles>',
      CommitmentTypeIndication:
        '<CommitmentTypeId><Identifier>http://uri.etsi.org/01903/v1.2.2#ProofOfApproval</Identifier></CommitmentTypeId><AllSignedDataObjects/>',
      SignaturePolicyIdentifier:
        '<SignaturePolicyId><SigPolicyId><Identifier>urn:oid:1.2.3</Identifier></SigPolicyId><SigPolicyHash><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</DigestValue></SigPolicyHash></SignaturePolicyId>',
    }
    const xml = (name: string, inside: string) =>
      utf8(`<${name} xmlns="http://uri.etsi.org/01903/v1.3.2#">${inside}</${name}>`)
    const properties = Object.entries(values).map(([name, inside]) => ({ name, value: xml(name, inside) }))
    const file = await signed(taskOf('X', 'Enveloped', { properties }))
    await assertVerifies('X', file)
    for (const word of ['Tokyo', 'Director', 'Owner', 'ProofOfApproval', 'urn:oid:1.2.3'])
      assert.ok(Buffer.from(file).includes(word), word)
    await refused('X', 'Enveloped', 'SignerRoleV2', xml('SignerRoleV2', '<CertifiedRolesV2/>'))
    await refused('X', 'Enveloped', 'SignerRoleV2', utf8('<'))
    await refused('X', 'Enveloped', 'AllDataObjectsTimeStamp')
    await refused('J', 'Attached', 'Reason', utf8('x'))
  })
})
