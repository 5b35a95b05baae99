/**
 * Signatures over what they only refer to: TS 119 182-1 V1.2.1, 5.2.8. What they refer to is given by whoever verifies;
 * T-JAD-01: nothing is fetched, and no header is taken for another.
 */
import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import type { DetachedContent, HttpMessage, JadesContent } from '@natsuin/ades/jades'
import { bytesSource } from '@natsuin/ades/pdf'
import { concat, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { signer } from '@natsuin/testing/pki'
import { flattenedVerify } from 'jose'
import { augment, decoded, flattened, said, sign, verify } from './signing.ts'

const CONTRACT = utf8('Contract between A and B')
const ANNEX = new Uint8Array(200_000).fill(0x41)
const OBJECTS = [
  { uri: 'https://files.example/contract.txt', content: bytesSource(CONTRACT), contentType: 'text/plain' },
  { uri: 'annex%201.pdf', content: bytesSource(ANNEX), contentType: 'application/pdf' },
]
const objects = (contract = CONTRACT, annex = ANNEX) =>
  new Map([
    ['https://files.example/contract.txt', bytesSource(contract)],
    ['annex%201.pdf', bytesSource(annex)],
  ])
const key = new X509Certificate(signer.certificate.bytes).publicKey
const refusal = (code: string) => ({ name: 'AdesRefusal', code })

function altered(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes)
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}

for (const unencoded of [false, true]) {
  const how = unencoded ? 'as they are' : 'as base64url'
  describe(`objects by their URI, ${how}`, () => {
    it('are signed one behind the other (5.2.8.3.2)', async () => {
      const jws = await sign({ kind: 'by-uri', objects: OBJECTS, unencoded })
      const { mId, pars, ctys } = decoded(flattened(jws).protected)['sigD'] as Record<string, unknown>
      assert.equal(mId, 'http://uri.etsi.org/19182/ObjectIdByURI')
      assert.deepEqual(pars, ['https://files.example/contract.txt', 'annex%201.pdf'])
      assert.deepEqual(ctys, ['text/plain', 'pdf'])
      assert.equal(said(await verify(jws, { content: { objects: objects() } })), 'TOTAL-PASSED B-B')
      const changed = { objects: objects(CONTRACT, altered(ANNEX)) }
      assert.equal(said(await verify(jws, { content: changed })), 'SIG_CRYPTO_FAILURE: signature-invalid')
    })

    it('have their digests signed (5.2.8.3.3), which jose verifies over an empty payload', async () => {
      const jws = await sign({ kind: 'by-uri-hash', objects: OBJECTS, unencoded })
      const { hashM, hashV } = decoded(flattened(jws).protected)['sigD'] as Record<string, string[]>
      const stamped = (bytes: Uint8Array) => (unencoded ? bytes : Buffer.from(bytes).toString('base64url'))
      const digests = [CONTRACT, ANNEX].map(bytes =>
        createHash('sha256').update(stamped(bytes)).digest('base64url'),
      )
      assert.deepEqual([hashM, hashV], ['S256', digests])
      await flattenedVerify({ ...flattened(jws), payload: '' }, key, { crit: { sigD: true } })
      const verdict = await verify(jws, { content: { objects: objects() } })
      assert.equal(said(verdict), 'TOTAL-PASSED B-B')
      assert.deepEqual(verdict.facts.signed, { kind: 'objects', uris: OBJECTS.map(({ uri }) => uri) })
      const changed = { objects: objects(altered(CONTRACT)) }
      assert.equal(said(await verify(jws, { content: changed })), 'HASH_FAILURE: object 1 is another one')
    })

    it('last together with their signature', async () => {
      for (const kind of ['by-uri', 'by-uri-hash'] as const) {
        const content = { objects: objects() }
        const jws = await augment(await sign({ kind, objects: OBJECTS, unencoded }), 'B-LTA', { content })
        assert.equal(said(await verify(jws, { content })), 'TOTAL-PASSED B-LTA')
      }
    })
  })
}

describe('objects by their URI', () => {
  it('are read in pieces when their digests are signed, however long they are', async () => {
    let most = 0
    const zeros = new Uint8Array(1024 * 1024)
    const content = {
      size: 64 * zeros.length + 1,
      read: async (_: number, length: number) => {
        most = Math.max(most, length)
        return zeros.subarray(0, length)
      },
    }
    for (const unencoded of [false, true]) {
      const jws = await sign({ kind: 'by-uri-hash', objects: [{ uri: 'long', content }], unencoded })
      const given = { content: { objects: new Map([['long', content]]) } }
      assert.equal(said(await verify(jws, given)), 'TOTAL-PASSED B-B')
    }
    assert.ok(most <= 256 * 1024, `${most} octets at once`)
  })

  it('are not fetched: who has none has no verdict (T-JAD-01)', async () => {
    const addresses = ['http://127.0.0.1:1/x', 'file:///etc/passwd', '../../etc/passwd']
    for (const uri of addresses) {
      const jws = await sign({ kind: 'by-uri', objects: [{ uri, content: bytesSource(CONTRACT) }] })
      assert.equal(said(await verify(jws)), `SIGNED_DATA_NOT_FOUND: ${uri}`)
      await assert.rejects(augment(jws, 'B-LTA'), refusal('content-missing'))
    }
  })

  it('are not signed when two have one name, or there are none', async () => {
    const [contract] = OBJECTS
    assert.ok(contract)
    const twice: JadesContent = { kind: 'by-uri-hash', objects: [contract, contract] }
    await assert.rejects(sign(twice), refusal('content-ambiguous'))
    await assert.rejects(sign({ kind: 'by-uri', objects: [] }), refusal('content-missing'))
  })
})

const BODY = utf8('{"amount":"10.50"}')
const DIGEST = `SHA-256=${createHash('sha256').update(BODY).digest('base64')}`
const MESSAGE: HttpMessage = {
  request: { method: 'POST', path: '/payments?x=1' },
  headers: [
    ['Host', ' bank.example '],
    ['X-Trace', 'a'],
    ['Digest', DIGEST],
    ['x-trace', 'b'],
  ],
  body: BODY,
}
const NAMES = ['(request-target)', 'Digest', 'x-trace', 'host']
const HEADERS: JadesContent = { kind: 'http-headers', names: NAMES, message: MESSAGE }

describe('headers of an HTTP message (5.2.8.2)', () => {
  it('are signed in lines, lower case and in the order of the signature (jose)', async () => {
    const jws = await sign(HEADERS)
    const header = decoded(flattened(jws).protected)
    assert.deepEqual([header['b64'], header['crit']], [false, ['sigD', 'b64']])
    const lines = [
      '(request-target): post /payments?x=1',
      `digest: ${DIGEST}`,
      'x-trace: a, b',
      'host: bank.example',
    ]
    await flattenedVerify({ ...flattened(jws), payload: lines.join('\n') }, key, { crit: { sigD: true } })
    assert.equal(said(await verify(jws, { content: { message: MESSAGE } })), 'TOTAL-PASSED B-B')
  })

  it('last, with the body itself under the archive time-stamp (5.3.6.2.3)', async () => {
    const content = { message: MESSAGE }
    const jws = await augment(await sign(HEADERS), 'B-LTA', { content })
    assert.equal(said(await verify(jws, { content })), 'TOTAL-PASSED B-LTA')
  })

  const changed = (headers: HttpMessage['headers'], rest: Partial<HttpMessage> = {}): HttpMessage => ({
    ...MESSAGE,
    headers,
    ...rest,
  })
  const { body: _, ...bodiless } = MESSAGE
  const OTHERS: Readonly<Record<string, readonly [HttpMessage, RegExp]>> = {
    'another value': [changed([...MESSAGE.headers.slice(1), ['host', 'evil.example']]), /^SIG_CRYPTO/],
    'a header twice': [changed([...MESSAGE.headers, ['HOST', 'evil.example']]), /^SIG_CRYPTO/],
    'headers of one name in another order': [changed([...MESSAGE.headers].reverse()), /^SIG_CRYPTO/],
    'a header missing': [changed(MESSAGE.headers.slice(1)), /^SIGNED_DATA_NOT_FOUND: host/],
    'a line break in a value': [changed([...MESSAGE.headers, ['x-trace', 'c\nhost: a']]), /^FORMAT_FAILURE/],
    'another path': [{ ...MESSAGE, request: { method: 'POST', path: '/other' } }, /^SIG_CRYPTO/],
    'another body': [{ ...MESSAGE, body: altered(BODY) }, /^HASH_FAILURE/],
    'no body': [bodiless, /^SIGNED_DATA_NOT_FOUND/],
  }
  for (const [what, [message, expected]] of Object.entries(OTHERS))
    it(`are found changed by ${what} (T-JAD-01)`, async () => {
      const verdict = await verify(await sign(HEADERS), { content: { message } })
      assert.match(said(verdict), expected)
    })

  it('are not signed with a line break in a value, which would pass one header off as two (T-JAD-01)', async () => {
    for (const value of ['a\nhost: evil.example', 'a\rb']) {
      const message = changed([...MESSAGE.headers, ['x-trace', value]])
      await assert.rejects(sign({ ...HEADERS, message }), refusal('content-ambiguous'))
    }
  })

  it('are not signed beside a digest that is not the body’s', async () => {
    const message = { ...MESSAGE, body: altered(BODY) }
    await assert.rejects(sign({ ...HEADERS, message }), refusal('content-altered'))
    await assert.rejects(sign({ ...HEADERS, names: ['x-none'] }), refusal('content-missing'))
    await assert.rejects(sign({ ...HEADERS, names: ['host', 'Host'] }), refusal('content-ambiguous'))
  })
})

describe('an archive time-stamp', () => {
  it('is not asked for over another content than was signed', async () => {
    const others: readonly (readonly [JadesContent, DetachedContent, string])[] = [
      [{ kind: 'by-uri', objects: OBJECTS }, { objects: objects(altered(CONTRACT)) }, 'content-differs'],
      [
        { kind: 'by-uri-hash', objects: OBJECTS },
        { objects: objects(CONTRACT, altered(ANNEX)) },
        'content-differs',
      ],
      [{ kind: 'detached', payload: CONTRACT }, { payload: altered(CONTRACT) }, 'content-differs'],
      [HEADERS, { message: { ...MESSAGE, headers: [...MESSAGE.headers, ['host', 'b']] } }, 'content-differs'],
      [HEADERS, { message: { ...MESSAGE, body: altered(BODY) } }, 'content-altered'],
    ]
    const timeStamp = () => assert.fail('asked')
    for (const [signed, content, code] of others) {
      const jws = await sign(signed, { level: 'B-T' })
      await assert.rejects(augment(jws, 'B-LTA', { content, timeStamp }), refusal(code), signed.kind)
    }
  })

  it('is not asked for over a signature that does not verify', async () => {
    const jws = flattened(await sign(undefined, { level: 'B-T' }))
    const other = { ...jws, payload: Buffer.from('{}').toString('base64url') }
    await assert.rejects(augment(JSON.stringify(other), 'B-LTA'), refusal('content-differs'))
  })
})

describe('a detached payload', () => {
  it('is under the archive time-stamp, too', async () => {
    const payload = concat(CONTRACT, ANNEX)
    for (const unencoded of [false, true]) {
      const content = { payload }
      const jws = await augment(await sign({ kind: 'detached', payload, unencoded }), 'B-LTA', { content })
      assert.equal(said(await verify(jws, { content })), 'TOTAL-PASSED B-LTA')
      assert.ok(!jws.includes(fromUtf8(CONTRACT) ?? ''))
      const other = { payload: altered(payload) }
      assert.match(said(await verify(jws, { content: other })), /^SIG_CRYPTO/)
    }
  })
})
