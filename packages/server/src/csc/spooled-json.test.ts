/** Requests with documents in them, whatever pieces they come in. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { openSpool, type Spool, type SpoolFolder } from '../documents/spool.ts'
import { readSpooledJson } from './spooled-json.ts'

let spool: Spool
let folder: SpoolFolder
before(async () => {
  spool = await openSpool('')
})
after(() => spool.close())

const LIMITS = { maxJsonBytes: 10_000, maxDocumentBytes: 2_000_000 }

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size = 7, limits = LIMITS) {
  folder = await spool.folder()
  return readSpooledJson(pieces(text, size), folder, limits)
}

const contentOf = (path: string) => new Uint8Array(readFileSync(path))

describe('a JSON request with documents in it', () => {
  it('is what it would be without them, in pieces of any size; the documents are files', async () => {
    const document = new Uint8Array(randomBytes(1000))
    const other = new Uint8Array(randomBytes(31))
    const around = {
      lang: 'ja',
      clientData: '山田 "document":"AAAA" \\',
      SAD: null,
      n: [1, { document: 'x' }],
    }
    const entries = [document, other].map((one, i) => ({
      n: i,
      document: Buffer.from(one).toString('base64'),
      last: true,
    }))
    const text = JSON.stringify({ documents: entries, ...around })
    for (const size of [1, 2, 3, 64, 100_000]) {
      const { value, documents } = await read(text, size)
      const placed = entries.map(({ n }, i) => ({ n, document: String(i), last: true }))
      assert.deepEqual(value, { documents: placed, ...around })
      assert.deepEqual(
        documents.map(({ path }) => contentOf(path)),
        [document, other],
      )
      assert.deepEqual(
        documents.map(({ isBase64 }) => isBase64),
        [true, true],
      )
      await folder.remove()
    }
  })

  it('may spell characters of base64 as escapes, as several writers of JSON do', async () => {
    const text = '{"documents":[{"document":"\\u002B\\/+\\u002f"}]}'
    for (const size of [1, 3, 1000]) {
      const { documents } = await read(text, size)
      assert.deepEqual(
        documents.map(({ path }) => contentOf(path)),
        [new Uint8Array(Buffer.from('+/+/', 'base64'))],
      )
      await folder.remove()
    }
  })

  it('knows the member by its name, however that is spelled, and takes no string elsewhere for a document', async () => {
    const { value, documents } = await read(
      '{"d":{"documents":[{"document":"AAAA"}]},"document":"AAAA","documents":[{"a":{"document":"AAAA"},"docum\\u0065nt":"AAAB"},{"document":0}]}',
    )
    assert.equal(documents.length, 1)
    assert.deepEqual(value, {
      d: { documents: [{ document: 'AAAA' }] },
      document: 'AAAA',
      documents: [{ a: { document: 'AAAA' }, document: '0' }, { document: 0 }],
    })
    await folder.remove()
  })

  it('says of each document whether it was base64, strictly', async () => {
    const texts = ['AAA', 'AA==AAAA', 'AB==', 'AA-_', 'AAAA\\n', 'A A=', 'é', '', 'AA==', 'AAA=', 'AAAA'].map(
      document => `{"document":"${document}"}`,
    )
    const { documents } = await read(`{"documents":[${texts}]}`)
    assert.deepEqual(
      documents.map(({ isBase64 }) => isBase64),
      [...Array(7).fill(false), true, true, true, true],
    )
    await folder.remove()
  })

  it('is refused when it is no JSON, or says a member twice', async () => {
    for (const text of [
      '',
      '{',
      '{"documents":[{"document":"AAAA',
      '{"documents":[{"document":"AAAA"}',
      '{"documents":[{"document":"AAAA","document":"AAAA"}]}',
      '{"documents":[{"document":"AAAA"}]}x',
    ]) {
      await assert.rejects(read(text), Error, text)
      await folder.remove()
    }
  })

  it('T-DOS-01 ends where it is deeper than any request, before the rest has come in', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    await read(nested(16))
    await folder.remove()
    await assert.rejects(read(nested(17)), { code: 'body-malformed' })
    await folder.remove()
  })

  it('T-DOS-01 ends where documents or the rest are longer than allowed', async () => {
    const request = (bytes: number, rest: number) =>
      JSON.stringify({
        documents: [{ document: Buffer.alloc(bytes).toString('base64') }],
        clientData: 'x'.repeat(rest),
      })
    const limits = { maxJsonBytes: 5000, maxDocumentBytes: 600_000 }
    await read(request(600_000, 4000), 65_536, limits)
    await folder.remove()
    for (const text of [request(600_001, 4000), request(600_000, 5001), request(9_000_000, 0)]) {
      await assert.rejects(read(text, 65_536, limits), { code: 'body-too-large' })
      await folder.remove()
    }
  })

  it('T-DOS-01 ends where documents that are not base64 are longer than allowed, each or together', async () => {
    const limits = { maxJsonBytes: 5000, maxDocumentBytes: 3000 }
    const request = (...documents: string[]) =>
      `{"documents":[${documents.map(text => `{"document":"${text}"}`)}]}`
    const { documents } = await read(request('!'.repeat(2000), 'A!'.repeat(1000)), 700, limits)
    assert.deepEqual(
      documents.map(({ isBase64 }) => isBase64),
      [false, false],
    )
    await folder.remove()
    for (const text of [
      request('!'.repeat(4001)),
      request(`AAAA${'!'.repeat(4000)}`),
      request('='.repeat(4010)),
      request('\\n'.repeat(4001)),
      request('!'.repeat(2001), '!'.repeat(2001)),
    ]) {
      for (const size of [7, 65_536]) {
        await assert.rejects(read(text, size, limits), { code: 'body-too-large' }, text.slice(0, 40))
        await folder.remove()
      }
    }
  })

  it('T-DOS-01 ends where anything around the documents is longer than allowed', async () => {
    const around = (long: string) => [
      `${' '.repeat(long.length)}{}`,
      `{"documents":[{"document":"AAAA"${'\n'.repeat(long.length)}}]}`,
      `{"${long}":1}`,
      `{"documents":[{"${long}":"AAAA"}]}`,
      `{"documents":[{"document":{"document":"${long}"}}]}`,
      `{"documents":["${long}"]}`,
      `{"n":${'1'.repeat(long.length)}}`,
      `{"n":"${'\\\\'.repeat(long.length / 2)}"}`,
    ]
    for (const text of around('x'.repeat(4000))) {
      await read(text, 65_536, { ...LIMITS, maxJsonBytes: 5000 })
      await folder.remove()
    }
    for (const text of around('x'.repeat(5000))) {
      await assert.rejects(read(text, 65_536, { ...LIMITS, maxJsonBytes: 5000 }), { code: 'body-too-large' })
      await folder.remove()
    }
  })
})
