/** A document of 200 MB through signatures/signDoc: the server's memory grows no more than by what a short one takes. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, describe, it } from 'node:test'
import { openFileSource, nodePlatform as platform } from '@natsuin/ades/node'
import { verifyPades } from '@natsuin/ades/validation'
import { fromBase64 } from '@natsuin/pki/encoding'
import {
  type Application,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  SHA256_OID,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { documentOfSize, writeLargePdf } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const MEGABYTE = 1024 * 1024
const LONG_MEGABYTES = 200
const MAY_GROW_BYTES = 64 * MEGABYTE

const folder = temporaryFolder()
let deployment: Deployment
let application: Application
let alice: Signer
before(async () => {
  const server = {
    maxDocumentBytes: (LONG_MEGABYTES + 10) * MEGABYTE,
    documentsDirectory: join(folder, 'spool'),
  }
  deployment = await startThrowaway({ server })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
})
after(() => deployment.stop())

/** The most that the server has had in memory so far. */
function peakBytes(): number {
  const status = readFileSync(`/proc/${deployment.process('server').pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

async function approvedFor(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path)) digest.update(piece)
  return application.credentialToken(alice, {
    type: 'credential',
    credentialID: alice.credentialId,
    hashAlgorithmOID: SHA256_OID,
    documentDigests: [{ hash: digest.digest('base64'), hashType: 'sodr', label: 'Contract' }],
  })
}

// A multiple of three, so that pieces of base64 are the base64 of the whole; of four on the way back.
const PIECE_BYTES = 3 * 64 * 1024

async function* requestFor(path: string): AsyncGenerator<Uint8Array> {
  const members = { signature_format: 'P', signAlgo: ECDSA_SHA256_OID, conformance_level: 'AdES-B-T' }
  const [head, tail] = JSON.stringify({
    credentialID: alice.credentialId,
    documents: [{ ...members, document: '|' }],
  }).split('|')
  yield Buffer.from(head ?? '')
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES }))
    yield Buffer.from(piece.toString('base64'))
  yield Buffer.from(tail ?? '')
}

async function* documentIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const head = '{"DocumentWithSignature":["'
  let text = ''
  for await (const piece of body) {
    text += Buffer.from(piece).toString('latin1')
    if (text.startsWith(head)) text = text.slice(head.length)
    const whole = /[^A-Za-z0-9+/=]/.test(text) ? 0 : text.length - (text.length % 4)
    yield Buffer.from(text.slice(0, whole), 'base64')
    text = text.slice(whole)
  }
  assert.ok(text.endsWith('"]}'), text.slice(0, 200))
  yield Buffer.from(text.slice(0, -'"]}'.length), 'base64')
}

/** @returns where the signed document is */
async function sign(path: string): Promise<string> {
  const token = await approvedFor(path)
  const response = await fetch(`${deployment.urls.csc}signatures/signDoc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: Readable.toWeb(Readable.from(requestFor(path))),
    duplex: 'half',
  } as RequestInit)
  assert.equal(response.status, 200)
  assert.ok(response.body !== null)
  const signed = `${path}-signed`
  await pipeline(documentIn(response.body), createWriteStream(signed))
  return signed
}

async function assertVerifies(path: string): Promise<void> {
  const asked = { credentialID: alice.credentialId, certificates: 'chain' }
  const { body } = await application.call('credentials/info', asked, await application.serviceToken(alice))
  const root = fromBase64((body as { cert: { certificates: string[] } }).cert.certificates.at(-1) ?? '')
  assert.ok(root !== undefined)
  const document = await openFileSource(path)
  const { indication, facts } = await verifyPades(document, {
    platform,
    trustAnchors: [root],
    at: new Date(),
  })
  await document.close()
  assert.deepEqual([indication, facts.level], ['TOTAL-PASSED', 'B-T'])
}

describe('signatures/signDoc with a long document', () => {
  it('T-DOS-01 takes no more memory than with a short one, whatever goes in and comes out', async t => {
    const [short, long] = [join(folder, 'short.pdf'), join(folder, 'long.pdf')]
    writeFileSync(short, documentOfSize('A contract', 3000))
    writeLargePdf(long, LONG_MEGABYTES)
    await assertVerifies(await sign(short))
    const before = peakBytes()
    const signed = await sign(long)
    const grown = peakBytes() - before
    t.diagnostic(`${Math.round(grown / MEGABYTE)} MB more for ${LONG_MEGABYTES} MB`)
    assert.ok(grown < MAY_GROW_BYTES, `${grown} bytes more`)
    assert.ok(statSync(signed).size > LONG_MEGABYTES * MEGABYTE)
    await assertVerifies(signed)
  })
})
