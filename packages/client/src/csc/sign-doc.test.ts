import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { createCscClient } from '../client.ts'
import { type Said, type ScriptedService, startService } from '../test-kit.ts'
import { readLong } from './long-answer.ts'

const token = { accessToken: 'at', type: 'Bearer', expiresInSeconds: 60 } as const
const PATH = '/csc/v2/signatures/signDoc'
const wishes = { signature_format: 'P', signAlgo: '1.2.840.10045.4.3.2' } as const
const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('signing whole documents', () => {
  let service: ScriptedService
  let answers: readonly Said[] = []
  let next = 0
  const info = {
    body: { specs: '2.0.0.0', conformance_levels: ['Ades-B-B', 'Ades-B-T'] },
    headers: { 'natsuin-keeps-answers': '1' },
  }
  before(async () => {
    service = await startService({ '/csc/v2/info': info, [PATH]: () => answers[next++] ?? {} })
  })
  after(() => service.close())
  const open = (...said: readonly Said[]) => {
    answers = said
    next = 0
    return createCscClient({ baseUrl: `${service.url}/csc/v2/`, retry: { firstPauseMs: 1 } })
  }

  it('sends a long document in pieces that are the base64 of the whole, and levels as the service spells them', async () => {
    const document = new Uint8Array(1_000_003).map((_, i) => i * 7)
    const client = open({ body: { DocumentWithSignature: [encoded(document)] } })
    const documents = [
      { document: new Blob([document]), ...wishes },
      { document: Uint8Array.of(1), ...wishes, conformance_level: 'AdES-B-T' },
    ]
    const signed = await client.signDoc(token, { credentialID: 'c', documents })
    assert.deepEqual(signed.documents, [document])
    const { json } = service.to(PATH).at(-1) ?? {}
    assert.deepEqual(json, {
      credentialID: 'c',
      documents: [
        { document: encoded(document), ...wishes, conformance_level: 'Ades-B-B' },
        { document: 'AQ==', ...wishes, conformance_level: 'Ades-B-T' },
      ],
    })
  })

  it('sends digests, and gives signatures and what proves them', async () => {
    const client = open({
      body: {
        SignatureObject: ['AQI=', { signature: 'AwQ=' }],
        validationInfo: { ocsp: ['BQ=='], crl: null, certificates: ['Bg=='] },
      },
    })
    const signed_props = [{ attribute_name: 'Reason', attribute_value: Uint8Array.of(7) }]
    const documentDigests = [{ hashes: [Uint8Array.of(8)], ...wishes, signed_props }]
    const request = { credentialID: 'c', documentDigests, returnValidationInfo: true }
    assert.deepEqual(await client.signDoc(token, request), {
      documents: [],
      signatureObjects: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
      validationInfo: { ocsp: [Uint8Array.of(5)], crl: [], certificates: [Uint8Array.of(6)] },
    })
    assert.deepEqual(service.to(PATH).at(-1)?.json['documentDigests'], [
      {
        hashes: ['CA=='],
        ...wishes,
        conformance_level: 'Ades-B-B',
        signed_props: [{ attribute_name: 'Reason', attribute_value: 'Bw==' }],
      },
    ])
  })

  it('writes results into streams, and begins them anew when the first answer broke off', async () => {
    const document = new Uint8Array(300_000).fill(9)
    const text = JSON.stringify({ DocumentWithSignature: [encoded(document)] })
    const client = open({ body: text.slice(0, 100_000), hangsUp: true }, { body: text })
    const written: Uint8Array[][] = []
    const into = () => {
      const pieces: Uint8Array[] = []
      written.push(pieces)
      return new WritableStream<Uint8Array>({ write: piece => void pieces.push(piece) })
    }
    const documents = [{ document, ...wishes }]
    const signed = await client.signDoc(token, { credentialID: 'c', documents }, { into })
    assert.deepEqual(signed.documents, [new Uint8Array()])
    assert.deepEqual(Buffer.concat(written.at(-1) ?? []), Buffer.from(document))
    const keys = service
      .to(PATH)
      .slice(-2)
      .map(({ headers }) => headers['idempotency-key'])
    assert.equal(keys[0], keys[1])
  })

  it('tells what the stream of the caller says, and does not ask again for that', async () => {
    const client = open({ body: { DocumentWithSignature: ['AQI='] } })
    const full = new Error('no space left')
    const into = () => new WritableStream<Uint8Array>({ write: () => Promise.reject(full) })
    const before = service.to(PATH).length
    const documents = [{ document: Uint8Array.of(1), ...wishes }]
    await assert.rejects(client.signDoc(token, { credentialID: 'c', documents }, { into }), full)
    assert.equal(service.to(PATH).length, before + 1)
  })
})

describe('a long answer', () => {
  const read = async (text: string, sizes: readonly number[]) => {
    const long: Record<string, Uint8Array[]> = {}
    const members = ['DocumentWithSignature', 'SignatureObject']
    const open = async (member: string, index: number) => {
      const pieces: Uint8Array[] = []
      long[`${member} ${index}`] = pieces
      return { write: async (bytes: Uint8Array) => void pieces.push(bytes), end: async () => undefined }
    }
    const rest = await readLong(inPieces(text, sizes), { members, open })
    const values = Object.entries(long).map(([name, pieces]) => [name, Buffer.concat(pieces).toString('hex')])
    return { rest, values: Object.fromEntries(values) }
  }

  it('is read the same wherever it is cut', async () => {
    const piece = fc.uint8Array({ maxLength: 40 })
    const record = fc.record({
      docs: fc.array(piece, { maxLength: 3 }),
      info: fc.json(),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(record, async ({ docs, info, sizes }) => {
        const other = { validationInfo: JSON.parse(info), 'a "key"\\': ['[{"'] }
        const text = JSON.stringify({ ...other, DocumentWithSignature: docs.map(encoded) })
        const { rest, values } = await read(text.replaceAll('/', '\\/'), sizes)
        assert.deepEqual(rest, { ...other, DocumentWithSignature: docs.map(() => '') })
        const expected = docs.map((doc, i) => [
          `DocumentWithSignature ${i}`,
          Buffer.from(doc).toString('hex'),
        ])
        assert.deepEqual(values, Object.fromEntries(expected))
      }),
    )
  })

  it('may break its base64 into lines', async () => {
    const { values } = await read('{"SignatureObject":["AQ\\r\\nID\\n"]}', [1])
    assert.deepEqual(values, { 'SignatureObject 0': '010203' })
  })

  it('is refused when it is no JSON, or no base64', async () => {
    for (const text of ['{"DocumentWithSignature":["AQI="', '{"DocumentWithSignature":["A*I="]}', 'x']) {
      await assert.rejects(read(text, [3]), { name: 'UnexpectedAnswer' })
    }
  })
})

function inPieces(text: string, sizes: readonly number[]): Response {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  let turn = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      const size = sizes[turn++ % sizes.length] ?? 1
      controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
  return new Response(body)
}
