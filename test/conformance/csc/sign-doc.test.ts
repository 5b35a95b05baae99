/** signatures/signDoc: CSC API v2.0.0.2, 11.11. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { bytesSource, openCades } from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { preparePades } from '@natsuin/ades/pades'
import { verifyCades, verifyJades, verifyPades } from '@natsuin/ades/validation'
import { verifyXades } from '@natsuin/ades/validation/xades'
import { concat, fromBase64, fromUtf8, toBase64, toHex, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import {
  type Answer,
  type Application,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  SHA256_OID,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { certificateDatabase, openssl, pdfsig, xmllint } from '@natsuin/testing/judges'
import { documentOfSize } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

type Format = 'C' | 'X' | 'P' | 'J'

const ANY = utf8('契約書\nThe parties agree.\n')
const DOCUMENTS: Readonly<Record<Format, Uint8Array>> = {
  C: ANY,
  X: utf8('<order><total currency="JPY">1000</total></order>'),
  P: documentOfSize('A contract', 3000),
  J: ANY,
}
const FORMATS = ['C', 'X', 'P', 'J'] as const
const LEVELS = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const
const MAX_BYTES = 300_000

const folder = temporaryFolder()
const spool = join(folder, 'documents')
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

let deployment: Deployment
let application: Application
let alice: Signer
let certificates: Uint8Array[]
let root: Uint8Array
before(async () => {
  deployment = await startThrowaway({ server: { maxDocumentBytes: MAX_BYTES, documentsDirectory: spool } })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  const asked = { credentialID: alice.credentialId, certificates: 'chain' }
  const { body } = await application.call('credentials/info', asked, await application.serviceToken(alice))
  const { cert } = body as { cert: { certificates: string[] } }
  certificates = cert.certificates.map(text => fromBase64(text) ?? new Uint8Array())
  root = certificates.at(-1) ?? new Uint8Array()
})
after(() => deployment.stop())

/** A credential token for these digests, approved as what they are. */
function approved(hashType: 'sodr' | 'sdr', digests: readonly Uint8Array[]): Promise<string> {
  return application.credentialToken(alice, {
    type: 'credential',
    credentialID: alice.credentialId,
    hashAlgorithmOID: SHA256_OID,
    documentDigests: digests.map(digest => ({ hash: toBase64(digest), hashType, label: 'Contract' })),
  })
}

const digestOf = (bytes: Uint8Array) => digestSync('sha256', bytes)
const forDocuments = (...documents: readonly Uint8Array[]) => approved('sodr', documents.map(digestOf))

const asked = (format: Format, members: object = {}) => ({
  document: toBase64(DOCUMENTS[format]),
  signature_format: format,
  signAlgo: ECDSA_SHA256_OID,
  ...members,
})

const signDoc = (token: string, members: object, headers = {}) =>
  application.call('signatures/signDoc', { credentialID: alice.credentialId, ...members }, token, headers)

interface Signed {
  readonly DocumentWithSignature?: readonly string[]
  readonly SignatureObject?: readonly string[]
  readonly validationInfo?: Readonly<Record<'ocsp' | 'crl' | 'certificates', readonly string[] | undefined>>
}

function assertOk({ status, body }: Answer): Signed {
  assert.equal(status, 200, JSON.stringify(body))
  return body as Signed
}

function filesOf(signed: Signed, member: 'DocumentWithSignature' | 'SignatureObject'): Uint8Array[] {
  assert.deepEqual(
    Object.keys(signed).filter(name => name !== 'validationInfo'),
    [member],
  )
  return (signed[member] ?? []).map(text => fromBase64(text) ?? assert.fail('not base64'))
}

interface Judged {
  readonly indication: string
  readonly facts: { readonly level?: string | undefined }
}
type Verify = (signature: Uint8Array, content?: Uint8Array) => Promise<readonly Judged[]>

const verifying = () => ({ platform, trustAnchors: [root], at: new Date() })
const VERIFIERS: Readonly<Record<Format, Verify>> = {
  C: async (signed, given) => {
    const { signature, content = given && bytesSource(given) } = await openCades(bytesSource(signed))
    return verifyCades(bytesSource(signature), { ...verifying(), ...(content && { content }) })
  },
  X: (signed, given) => verifyXades(signed, { ...verifying(), detached: () => given && bytesSource(given) }),
  P: async signed => [await verifyPades(bytesSource(signed), verifying())],
  J: (signed, given) =>
    verifyJades(fromUtf8(signed) ?? '', {
      ...verifying(),
      ...(given && { content: { objects: new Map([['document', bytesSource(given)]]) } }),
    }),
}

async function assertVerifies(format: Format, level: string, signed: Uint8Array, content?: Uint8Array) {
  const [verdict] = await VERIFIERS[format](signed, content)
  assert.deepEqual([verdict?.indication, verdict?.facts.level], ['TOTAL-PASSED', level], format)
}

const refused = (error_description: string) => [400, { error: 'invalid_request', error_description }]
const said = ({ status, body }: Answer) => [status, body]

/** What was sent is gone when the answer has gone, which is a moment after it came. */
async function assertSpoolIsEmpty() {
  for (let looked = 0; looked < 200 && readdirSync(spool).length > 0; looked++) await setTimeout(20)
  assert.deepEqual(readdirSync(spool), [])
}

/** What the application puts into the signatures of a PDF that it prepared itself. */
async function preparedPdf() {
  const document = DOCUMENTS.P
  const [signingCertificate = new Uint8Array(), ...issuers] = certificates
  const prepared = await preparePades(bytesSource(document), {
    platform,
    signingCertificate,
    chain: issuers,
    signatureAlgorithm: 'ecdsa-sha256',
    signingTime: new Date(),
    withTimeStamp: true,
  })
  const { byteRange, update, documentDigest } = prepared
  const embed = (cms: Uint8Array) => {
    const at = byteRange[1] + 1 - document.length
    const written = update.slice()
    written.set(utf8(toHex(cms)), at)
    return concat(document, written)
  }
  return { documentDigest, embed }
}

describe('signatures/signDoc with documents (CSC API v2.0.0.2, 11.11)', () => {
  for (const format of FORMATS) {
    it(`D-01 D-05 ${format}: every level, as documents with signatures by default`, async () => {
      const document = DOCUMENTS[format]
      const token = await forDocuments(...LEVELS.map(() => document))
      const documents = LEVELS.map(level =>
        asked(format, level === 'B-B' ? {} : { conformance_level: `AdES-${level}` }),
      )
      const files = filesOf(assertOk(await signDoc(token, { documents })), 'DocumentWithSignature')
      assert.equal(files.length, LEVELS.length)
      for (const [i, level] of LEVELS.entries())
        await assertVerifies(format, level, files[i] ?? new Uint8Array())
      judge(format, files[1] ?? new Uint8Array())
    })
  }

  for (const format of ['C', 'X', 'J'] as const) {
    it(`D-01 ${format}: Detached, as signatures alone, of every level`, async () => {
      const document = DOCUMENTS[format]
      const token = await forDocuments(...LEVELS.map(() => document))
      const documents = LEVELS.map(level =>
        asked(format, {
          conformance_level: `ades-${level.toLowerCase()}`,
          signed_envelope_property: 'Detached',
        }),
      )
      const files = filesOf(assertOk(await signDoc(token, { documents })), 'SignatureObject')
      for (const [i, level] of LEVELS.entries()) {
        await assertVerifies(format, level, files[i] ?? new Uint8Array(), document)
      }
    })
  }

  it('D-01 signs once more: in a revision of a PDF, and beside the signers of a CMS or JSON signature', async () => {
    const again = { P: 'Revision', C: 'Parallel', J: 'Parallel' } as const
    for (const [name, envelope] of Object.entries(again)) {
      const format = name as keyof typeof again
      const first = await signDoc(await forDocuments(DOCUMENTS[format]), { documents: [asked(format)] })
      const [signed = new Uint8Array()] = filesOf(assertOk(first), 'DocumentWithSignature')
      const entry = asked(format, { document: toBase64(signed), signed_envelope_property: envelope })
      const answer = assertOk(await signDoc(await forDocuments(signed), { documents: [entry] }))
      const [twice = new Uint8Array()] = filesOf(answer, 'DocumentWithSignature')
      const verdicts = await VERIFIERS[format](twice)
      assert.ok(verdicts.every(({ indication }) => indication === 'TOTAL-PASSED'))
      assert.equal(verdicts.length, format === 'P' ? 1 : 2)
    }
  })

  it('D-01 takes the SAD in the body, with a service token', async () => {
    const SAD = await forDocuments(ANY)
    const service = await application.serviceToken(alice)
    filesOf(assertOk(await signDoc(service, { SAD, documents: [asked('J')] })), 'DocumentWithSignature')
    assert.deepEqual(
      said(await signDoc(service, { documents: [asked('J')] })),
      refused('Missing (or invalid type) string parameter SAD'),
    )
  })

  it('D-04 refuses what the signer did not approve, and spends nothing', async () => {
    const token = await forDocuments(ANY)
    const other = asked('C', { document: toBase64(utf8('something else')) })
    const foreign = [
      403,
      {
        error: 'invalid_hash',
        error_description: 'Document or documentDigest does not match authorized hash',
      },
    ]
    assert.deepEqual(said(await signDoc(token, { documents: [other] })), foreign)
    const tooMany = refused('documentDigests or documents are not authorized by the SAD')
    assert.deepEqual(said(await signDoc(token, { documents: [asked('C'), asked('C')] })), tooMany)
    assertOk(await signDoc(token, { documents: [asked('C')] }))
  })

  it('repeats the signature under its Idempotency-Key, and never makes a second one', async () => {
    const token = await forDocuments(DOCUMENTS.P)
    const once = await signDoc(token, { documents: [asked('P')] }, { 'idempotency-key': 'one' })
    await setTimeout(1100)
    const again = await signDoc(token, { documents: [asked('P')] }, { 'idempotency-key': 'one' })
    assert.deepEqual(assertOk(again), assertOk(once))
    assert.equal(
      (await signDoc(token, { documents: [asked('P')] }, { 'idempotency-key': 'two' })).status,
      400,
    )
  })

  it('S-06 signs asynchronously: the documents by polling', async () => {
    const token = await forDocuments(DOCUMENTS.P, DOCUMENTS.P)
    const request = {
      documents: [asked('P'), asked('P', { conformance_level: 'AdES-T' })],
      operationMode: 'A',
    }
    const { responseID } = assertOk(await signDoc(token, request)) as { responseID: string }
    const service = await application.serviceToken(alice)
    const poll = () => application.call('signatures/signPolling', { requestID: responseID }, service)
    let answer = await poll()
    for (let asked = 0; asked < 600 && answer.status === 202; asked++) {
      await setTimeout(50)
      answer = await poll()
    }
    const [first, second] = filesOf(assertOk(answer), 'DocumentWithSignature')
    await assertVerifies('P', 'B-B', first ?? new Uint8Array())
    await assertVerifies('P', 'B-T', second ?? new Uint8Array())
  })

  it('leaves nothing of a document behind', assertSpoolIsEmpty)
})

/** Programs of other people. */
function judge(format: Format, signed: Uint8Array): void {
  const trust = ['-CAfile', file('root.pem', toPem('CERTIFICATE', root))]
  const path = file(`judged-${format}`, signed)
  if (format === 'C') {
    const shown = openssl(
      'cms',
      '-verify',
      '-cades',
      '-binary',
      '-inform',
      'DER',
      '-in',
      path,
      ...trust,
      '-purpose',
      'any',
      '-out',
      file('content', ''),
    )
    assert.match(shown, /CAdES Verification successful/)
  }
  if (format === 'X') assert.ok(xmllint('c14n', [path]).length > 0)
  if (format === 'P') {
    const [signature] = pdfsig(path, certificateDatabase(folder, root))
    assert.deepEqual([signature?.valid, signature?.coversWholeDocument], [true, true])
  }
}

describe('signatures/signDoc with digests (CSC API v2.0.0.2, 11.11)', () => {
  for (const format of ['C', 'X', 'J'] as const) {
    it(`D-01 D-05 ${format}: signatures alone, up to B-LT`, async () => {
      const digest = digestOf(ANY)
      const levels = LEVELS.slice(0, 3)
      const token = await approved(
        'sdr',
        levels.map(() => digest),
      )
      const documentDigests = levels.map(level => {
        const { document: _, ...entry } = asked(format, { conformance_level: `AdES-${level}` })
        return { ...entry, hashes: [toBase64(digest)], hashAlgorithmOID: SHA256_OID }
      })
      const files = filesOf(assertOk(await signDoc(token, { documentDigests })), 'SignatureObject')
      for (const [i, level] of levels.entries())
        await assertVerifies(format, level, files[i] ?? new Uint8Array(), ANY)
    })
  }

  it('D-01 D-03 P: the CMS that the client puts into its PDF, with what makes it last', async () => {
    const { documentDigest, embed } = await preparedPdf()
    const token = await approved('sdr', [documentDigest])
    const entry = {
      hashes: toBase64(documentDigest),
      signature_format: 'P',
      signAlgo: ECDSA_SHA256_OID,
      conformance_level: 'AdES-B-LT',
    }
    const signed = assertOk(await signDoc(token, { documentDigests: [entry] }))
    const [cms = new Uint8Array()] = filesOf(signed, 'SignatureObject')
    const pdf = embed(cms)
    await assertVerifies('P', 'B-T', pdf)
    const [judged] = pdfsig(file('prepared.pdf', pdf), certificateDatabase(folder, root))
    assert.deepEqual([judged?.valid, judged?.coversWholeDocument], [true, true])
    const { validationInfo } = signed
    assert.ok((validationInfo?.ocsp ?? validationInfo?.crl ?? []).length > 0)
    assert.ok((validationInfo?.certificates ?? []).length > 0)
  })

  it('D-03 gives what validates a signature when it is asked to, and not otherwise', async () => {
    const entry = { document: toBase64(ANY), signature_format: 'J', signAlgo: ECDSA_SHA256_OID }
    const plain = assertOk(await signDoc(await forDocuments(ANY), { documents: [entry] }))
    assert.equal(plain.validationInfo, undefined)
    const asked = { documents: [entry], returnValidationInfo: true }
    const { validationInfo } = assertOk(await signDoc(await forDocuments(ANY), asked))
    const given = [...(validationInfo?.ocsp ?? []), ...(validationInfo?.crl ?? [])]
    assert.ok(given.length > 0 && given.every(text => fromBase64(text) !== undefined))
  })

  it('D-04 refuses a digest that the signer did not approve, or approved as something else', async () => {
    const other = toBase64(digestOf(utf8('something else')))
    const entry = { signature_format: 'C', signAlgo: ECDSA_SHA256_OID }
    const token = await approved('sdr', [digestOf(ANY)])
    assert.equal((await signDoc(token, { documentDigests: [{ ...entry, hashes: [other] }] })).status, 403)
    assert.equal((await signDoc(token, { documents: [{ ...entry, document: toBase64(ANY) }] })).status, 403)
    assertOk(await signDoc(token, { documentDigests: [{ ...entry, hashes: [toBase64(digestOf(ANY))] }] }))
  })
})

describe('signatures/signDoc, what is refused (CSC API v2.0.0.2, 11.11)', () => {
  it('D-02 says every row of the table', async () => {
    const token = await forDocuments(ANY)
    const digest = { hashes: [toBase64(digestOf(ANY))], signature_format: 'C', signAlgo: ECDSA_SHA256_OID }
    const document = asked('C')
    const documents = (changes: object) => ({ documents: [{ ...document, ...changes }] })
    const digests = (changes: object) => ({ documentDigests: [{ ...digest, ...changes }] })
    const table: readonly (readonly [object, string])[] = [
      [{ credentialID: 7, documents: [document] }, 'Missing (or invalid type) string parameter credentialID'],
      [{ credentialID: 'x', documents: [document] }, 'Invalid parameter credentialID'],
      [{ SAD: 7, documents: [document] }, 'Missing (or invalid type) string parameter SAD'],
      [{ SAD: 'x', documents: [document] }, 'Invalid parameter SAD'],
      [{ documentDigests: 'x' }, 'Invalid object parameter documentDigests'],
      [{ documents: 'x' }, 'Invalid array parameter documents'],
      [{}, 'Empty documentDigests and documents objects'],
      [{ documents: [], documentDigests: [] }, 'Empty documentDigests and documents objects'],
      [
        { documents: [document], documentDigests: [digest] },
        'Both documentDigests and documents parameters passed',
      ],
      [digests({ hashes: ['x'] }), 'Invalid Base64 hashes string parameter'],
      [documents({ document: 'x' }), 'Invalid Base64 documents string parameter'],
      [documents({ document: '' }), 'Invalid Base64 documents string parameter'],
      [documents({ document: 0 }), 'Invalid Base64 documents string parameter'],
      [documents({ signAlgo: null }), 'Missing (or invalid type) string parameter signAlgo'],
      [
        documents({ signAlgo: '1.2.840.113549.1.1.10' }),
        'Missing (or invalid type) string parameter signAlgoParams',
      ],
      [
        digests({ hashAlgorithmOID: '2.16.840.1.101.3.4.2.3' }),
        'String parameter hashAlgorithmOID contradicts with signAlgo parameter',
      ],
      [digests({ hashAlgorithmOID: '1.2.3' }), 'Invalid parameter hashAlgorithmOID'],
      [documents({ signAlgo: '1.2.3' }), 'Invalid parameter signAlgo'],
      [documents({ signature_format: 'Z' }), 'Invalid parameter signature_format'],
      [documents({ signature_format: null }), 'Missing (or invalid type) string parameter signature_format'],
      [documents({ conformance_level: 'AdES-X' }), 'Invalid parameter conformance_level'],
      [digests({ conformance_level: 'AdES-B-LTA' }), 'Invalid parameter conformance_level'],
      [documents({ signed_envelope_property: 'Enveloped' }), 'Invalid parameter signed_envelope_property'],
      [digests({ signed_envelope_property: 'Attached' }), 'Invalid parameter signed_envelope_property'],
      [
        documents({ signed_props: [{ attribute_name: 'Mood', attribute_value: 'AA==' }] }),
        'Invalid parameter signed_props (Mood)',
      ],
      [
        documents({ signed_props: [{ attribute_name: 'mime-type', attribute_value: 'x' }] }),
        'Invalid parameter signed_props (mime-type)',
      ],
      [{ ...documents({}), operationMode: 'B' }, 'Invalid parameter operationMode'],
      [{ ...documents({}), operationMode: 'A', validity_period: 'x' }, 'Invalid parameter validity_period'],
      [
        { ...documents({}), operationMode: 'A', validity_period: 1 },
        'Out of bounds parameter validity_period',
      ],
      [{ ...documents({}), operationMode: 'A', response_uri: 'x' }, 'Invalid parameter response_uri'],
      [digests({ hashes: [toBase64(new Uint8Array(31))] }), 'Invalid digest value length'],
      [{ documents: [document, asked('J')] }, 'Invalid parameter signature_format'],
      [documents({ signature_format: 'P' }), 'Invalid parameter documents (not-a-pdf)'],
      [documents({ signature_format: 'X' }), 'Invalid parameter documents (xml-malformed)'],
    ]
    for (const [members, description] of table) {
      assert.deepEqual(said(await signDoc(token, members)), refused(description), JSON.stringify(members))
    }
    assertOk(await signDoc(token, { documents: [document] }))
  })

  it('D-02 T-DOS-01 looks at who sends before it reads, and reads no more than it may', async () => {
    const long = asked('C', { document: toBase64(new Uint8Array(MAX_BYTES + 1)) })
    assert.equal((await signDoc('unknown', { documents: [long] })).status, 401)
    const token = await forDocuments(ANY)
    assert.equal((await signDoc(token, { documents: [long] })).status, 413)
    assert.equal(
      (await signDoc(token, { documents: [asked('C')], clientData: 'x'.repeat(1024 * 1024) })).status,
      413,
    )
    assert.equal(
      (await application.call('signatures/signDoc', '{"documents":[{"document":"AA', token)).status,
      400,
    )
    assertOk(await signDoc(token, { documents: [asked('C')] }))
    await assertSpoolIsEmpty()
  })

  it('is not a method of v1', async () => {
    const v1 = openApplication(deployment, { edition: 'v1' })
    assert.equal((await v1.call('signatures/signDoc', {}, await application.serviceToken(alice))).status, 501)
  })
})

describe('info, from the table that signDoc reads (CSC API v2.0.0.2, 11.1)', () => {
  it('I-03 says formats, their envelopes in their places, and levels', async () => {
    const { body } = await application.call('info', {})
    const { signature_formats, conformance_levels, asynchronousOperationMode, validationInfo } =
      body as Record<string, unknown>
    assert.deepEqual(signature_formats, {
      formats: ['C', 'X', 'P', 'J'],
      envelope_properties: [
        ['Attached', 'Detached', 'Parallel'],
        ['Enveloped', 'Enveloping', 'Detached'],
        ['Certification', 'Revision'],
        ['Attached', 'Detached', 'Parallel'],
      ],
    })
    assert.deepEqual(conformance_levels, ['AdES-B-B', 'AdES-B-T', 'AdES-B-LT', 'AdES-B-LTA'])
    assert.deepEqual([asynchronousOperationMode, validationInfo], [true, true])
  })
})
