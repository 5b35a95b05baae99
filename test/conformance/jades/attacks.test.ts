/**
 * Attacks on JSON signatures (T-JWS, T-JAD): every altered byte is found, and what a reader could understand in two ways is
 * refused. Each variant starts from a signature that passes.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { toBase64, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { issue, issuing, NOW, root, SIGNER, signer } from '@natsuin/testing/pki'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import {
  ATTACHED,
  augment,
  decoded,
  encoded,
  type Flattened,
  flattened,
  forged,
  PAYLOAD,
  said,
  sign,
  verify,
  verifyAll,
} from './signing.ts'

const compact = await sign(ATTACHED, { serialization: 'compact' })
const plain = flattened(await sign())
const lasting = flattened(await sign(ATTACHED, { level: 'B-LTA' }))
const HEADER = decoded(plain.protected)
const TEXT = plain.payload ?? ''

const judged = async (jws: object, wishes = {}) => said(await verify(JSON.stringify(jws), wishes))

/** What only a signer can do: a header of his own, properly signed. */
const withHeader = (changes: object) => forged({ ...HEADER, ...changes }, TEXT)
const without = (...names: readonly string[]) =>
  forged(Object.fromEntries(Object.entries(HEADER).filter(([name]) => !names.includes(name))), TEXT)

async function refuses(variants: Readonly<Record<string, object>>, expected: RegExp): Promise<void> {
  for (const [what, variant] of Object.entries(variants)) assert.match(await judged(variant), expected, what)
}

function flip(text: string, at: number, mask: number): string {
  const bytes = utf8(text)
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ mask
  return Buffer.from(bytes).toString('latin1')
}

describe('the signatures that the attacks start from', () => {
  it('pass', async () => {
    assert.equal(said(await verify(compact)), 'TOTAL-PASSED B-B')
    assert.equal(await judged(plain), 'TOTAL-PASSED B-B')
    assert.equal(await judged(lasting), 'TOTAL-PASSED B-LTA')
    assert.equal(await judged(withHeader({})), 'TOTAL-PASSED B-B')
  })
})

describe('time-stamps in great number', () => {
  it('are refused: each may have everything hashed again', async () => {
    const sigTst = decoded(String(lasting.header?.etsiU[0]))['sigTst'] as { tstTokens: unknown[] }
    const judgedWith = (count: number) => {
      const tstTokens = Array.from({ length: count }, () => sigTst.tstTokens[0])
      return judged({ ...lasting, header: { etsiU: [encoded({ sigTst: { tstTokens } })] } })
    }
    assert.equal(await judgedWith(32), 'TOTAL-PASSED B-T')
    assert.equal(await judgedWith(33), 'FORMAT_FAILURE: too many time-stamps')
  })
})

describe('any flipped bit', () => {
  const position = fc.nat()
  const mask = fc.integer({ min: 0, max: 7 }).map(bit => 1 << bit)
  const runs = { numRuns: rounds('property'), seed: seed() }

  it('of a compact signature is found', () =>
    fc.assert(
      fc.asyncProperty(position, mask, async (at, bit) => {
        const verdict = await verify(flip(compact, at, bit))
        assert.notEqual(verdict.indication, 'TOTAL-PASSED')
      }),
      runs,
    ))

  for (const member of ['protected', 'payload', 'signature'] as const) {
    it(`of ${member} in JSON is found`, () =>
      fc.assert(
        fc.asyncProperty(position, mask, async (at, bit) => {
          const verdict = await judged({ ...lasting, [member]: flip(lasting[member] ?? '', at, bit) })
          assert.doesNotMatch(verdict, /^TOTAL-PASSED/)
        }),
        runs,
      ))
  }

  it('of what an archive time-stamp covers takes the level away, or the verdict', () =>
    fc.assert(
      fc.asyncProperty(fc.nat({ max: 2 }), position, mask, async (element, at, bit) => {
        const etsiU = [...(lasting.header?.etsiU ?? [])]
        etsiU[element] = flip(String(etsiU[element]), at, bit)
        assert.notEqual(await judged({ ...lasting, header: { etsiU } }), 'TOTAL-PASSED B-LTA')
      }),
      runs,
    ))
})

describe('an algorithm that the key does not have (T-JWS-01)', () => {
  const NAMES = [
    ...['none', 'None', 'NONE', 'nOnE', ' none', 'none ', '', 'HS256', 'HS384', 'HS512', 'hs256'],
    ...['RS256', 'PS256', 'RS1', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519', 'es256', 'ES256 ', 'ECDSA'],
    ...['A128KW', 'dir', 'RSA-OAEP', 'constructor', '__proto__', 'toString'],
  ]
  it('is refused, whatever the signature is', async () => {
    for (const alg of NAMES) {
      const variant = withHeader({ alg })
      for (const signature of [variant.signature, '', plain.signature])
        assert.match(await judged({ ...variant, signature }), /^CRYPTO_CONSTRAINTS_FAILURE/, alg)
    }
  })

  it('is refused where it is missing, of another type, or unsigned', async () => {
    const unsigned = { ...without('alg'), header: { alg: 'ES256' } }
    const variants = { unsigned, missing: without('alg'), list: withHeader({ alg: ['ES256'] }) }
    await refuses({ ...variants, both: { ...plain, header: { alg: 'ES256' } } }, /^FORMAT_FAILURE/)
  })

  it('is refused with an HMAC under the public key', async () => {
    const { protected: header, payload } = withHeader({ alg: 'HS256' })
    const mac = createHmac('sha256', signer.certificate.spki)
      .update(`${header}.${payload}`)
      .digest('base64url')
    assert.match(await judged({ payload, protected: header, signature: mac }), /^CRYPTO_CONSTRAINTS/)
  })

  it('is refused as DER where r and s belong', async () => {
    const { protected: header, payload } = plain
    const signature = toBase64url(signer.sign(utf8(`${header}.${payload}`)))
    assert.match(await judged({ ...plain, signature }), /^SIG_CRYPTO_FAILURE: length/)
    const zeros = toBase64url(new Uint8Array(64))
    assert.match(await judged({ ...plain, signature: zeros }), /^SIG_CRYPTO_FAILURE/)
  })
})

describe('crit (T-JWS-02)', () => {
  it('is refused when it is not what the RFC demands, or names what we do not know', async () => {
    const CRITS: readonly unknown[] = [
      ...[[], 'b64', {}, null, [1], [null], ['exp'], ['b64'], ['unknown'], ['alg'], ['x5c'], ['crit']],
      ...[['iat', 'iat'], ['iat', 'cty'], [['iat']], 'iat', ['__proto__'], ['sigD'], ['etsiU']],
    ]
    await refuses(
      Object.fromEntries(CRITS.map(crit => [JSON.stringify(crit), withHeader({ crit, exp: 1, unknown: 1 })])),
      /^FORMAT_FAILURE/,
    )
    assert.equal(await judged(withHeader({ crit: ['iat'] })), 'TOTAL-PASSED B-B')
  })

  it('is refused outside the signed header, and missing where sigD or b64 is', async () => {
    const sigD = { mId: 'http://uri.etsi.org/19182/ObjectIdByURI', pars: ['a'] }
    const variants = {
      unsigned: { ...plain, header: { crit: ['iat'] } },
      sigD: withHeader({ sigD }),
      b64: withHeader({ b64: false }),
    }
    await refuses(variants, /^FORMAT_FAILURE/)
  })
})

describe('an unencoded payload (T-JWS-03)', () => {
  const unencoded = (payload: string) => forged({ ...HEADER, b64: false, crit: ['b64'] }, payload)

  it('is refused in compact form when it holds a full stop or more than ASCII', async () => {
    assert.equal(await judged(unencoded('a.b 印')), 'TOTAL-PASSED B-B')
    const inCompact = ({ protected: header, payload, signature }: Flattened) =>
      [header, payload, signature].join('.')
    assert.equal(said(await verify(inCompact(unencoded('a b')))), 'TOTAL-PASSED B-B')
    for (const payload of ['a.b', '印', 'a\nb'])
      assert.match(said(await verify(inCompact(unencoded(payload)))), /^FORMAT_FAILURE/, payload)
  })

  it('is refused when b64 is no truth value', async () => {
    for (const b64 of ['false', 0, null, [], {}])
      assert.match(await judged(withHeader({ b64, crit: ['b64'] })), /^FORMAT_FAILURE/)
  })

  it('is refused beside one that is encoded (RFC 7797, 3)', async () => {
    const signatures = [withHeader({}), unencoded(TEXT)].map(({ payload: _, ...one }) => one)
    const verdicts = await verifyAll(JSON.stringify({ payload: TEXT, signatures }))
    assert.deepEqual(verdicts.map(said), ['FORMAT_FAILURE: b64 differs between the signatures'])
  })
})

describe('a key in the header (T-JWS-04)', () => {
  it('is refused, and no address in the header is asked', async () => {
    let asked = 0
    const server = createServer(socket => {
      asked += 1
      socket.destroy()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/key`
    const jwk = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }
    await refuses({ jwk: withHeader({ jwk }), jku: withHeader({ jku: url }) }, /^FORMAT_FAILURE: j/)
    assert.equal(await judged(withHeader({ x5u: url })), 'TOTAL-PASSED B-B')
    assert.match(await judged({ ...without('x5c'), x5u: url }), /^FORMAT_FAILURE/)
    assert.equal(asked, 0)
    server.close()
  })

  it('is not looked up by what kid says', async () => {
    const KIDS = ['../../etc/passwd', "' OR 1=1 --", '/dev/null', 'http://127.0.0.1/', '\u0000', '$(id)', '']
    for (const kid of KIDS) assert.equal(await judged(withHeader({ kid })), 'TOTAL-PASSED B-B', kid)
    const other = await issue({ name: 'Other', issuer: issuing, extensions: SIGNER })
    const stranger = forged({ ...HEADER, kid: 'Hanako' }, TEXT, other)
    assert.equal(await judged(stranger), 'SIG_CRYPTO_FAILURE: signature-invalid')
  })
})

describe('a second way to write the same (T-JWS-05)', () => {
  const ESCAPED = JSON.stringify(plain).replace('"protected"', '"\\u0070rotected"')
  const raw = async (text: string | Uint8Array) => said(await verify(text))

  it('of base64url is refused: padding, the other alphabet, white space, stray bits', async () => {
    for (const member of ['protected', 'payload', 'signature'] as const) {
      const text = plain[member] ?? ''
      const last = text.at(-1) ?? ''
      const stray = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const variants = ['=', '==', ' ', '\n', '+', '/'].map(more => text + more)
      const next = stray[stray.indexOf(last) ^ 1] ?? ''
      if (text.length % 4 !== 0) variants.push(text.slice(0, -1) + next)
      for (const variant of variants)
        assert.doesNotMatch(await judged({ ...plain, [member]: variant }), /^TOTAL-PASSED/, variant)
    }
  })

  it('of a member is refused when the member is there twice, however it is spelled', async () => {
    assert.equal(await raw(ESCAPED), 'TOTAL-PASSED B-B')
    const twice = [
      ESCAPED.replace('{', `{"protected":"${plain.protected}",`),
      JSON.stringify(plain).replace('{', `{"payload":"${encoded('other')}",`),
      JSON.stringify(lasting).replace('"etsiU"', '"etsiU":[],"\\u0065tsiU"'),
    ]
    for (const text of twice) assert.match(await raw(text), /^FORMAT_FAILURE/)
    const header = JSON.stringify(HEADER).replace('{', '{"alg":"none",')
    const written = toBase64url(utf8(header))
    assert.match(await judged({ ...plain, protected: written }), /^FORMAT_FAILURE/)
  })

  it('of the text is refused: no UTF-8, a byte order mark, more than one value', async () => {
    const text = JSON.stringify(plain)
    const bytes = utf8(text)
    const broken = bytes.slice()
    broken[bytes.length - 3] = 0xff
    for (const variant of [
      broken,
      utf8(`\ufeff${text}`),
      `${text}{}`,
      `${text},`,
      `[${text}]`,
      text.slice(0, -1),
    ])
      assert.match(await raw(variant), /^FORMAT_FAILURE/)
    assert.equal(await raw(bytes), 'TOTAL-PASSED B-B')
    assert.equal(await raw(`\n ${text}\t`), 'TOTAL-PASSED B-B')
  })

  it('of a claimed time is refused', async () => {
    for (const iat of ['1780315200', -1, 1.5, 1e300, null, true])
      assert.match(await judged(withHeader({ iat })), /^FORMAT_FAILURE: iat/, String(iat))
  })
})

describe('one form read as another (T-JWS-06)', () => {
  const { payload, ...signature } = plain

  it('is refused when a member of the form is missing or one of another form is there', async () => {
    const variants = {
      'flattened and general': { ...plain, signatures: [signature] },
      'no signatures': { payload, signatures: [] },
      'signatures that are no list': { payload, signatures: signature },
      'a payload in a signature': { payload, signatures: [plain] },
      'something beside the signature': { ...plain, approved: true },
      'something beside etsiU': { ...plain, header: { ...lasting.header, kid: 'x' } },
      'no protected header': { payload, signature: plain.signature },
      'no signature': { payload, protected: plain.protected },
      'a payload that is no text': { ...plain, payload: { amount: 1 } },
      'a header that is a list': { ...plain, header: [] },
    }
    await refuses(variants, /^FORMAT_FAILURE/)
    for (const text of ['', '.', '..', 'a.b', `${compact}.`, `.${compact}`, `${compact}.e30`, 'null', '[]'])
      assert.match(said(await verify(text)), /^FORMAT_FAILURE/, text)
  })

  it('has fifty signatures and ten certificates, and no more (T-LIM-13)', async () => {
    const many = (count: number) => ({ payload, signatures: Array.from({ length: count }, () => signature) })
    assert.equal((await verifyAll(JSON.stringify(many(50)))).length, 50)
    assert.match(said(await verify(JSON.stringify(many(51)))), /^FORMAT_FAILURE: signatures: more than 50/)
    const chain = (count: number) => Array.from({ length: count }, () => toBase64(signer.certificate.bytes))
    assert.doesNotMatch(await judged(withHeader({ x5c: chain(10) })), /^FORMAT_FAILURE/)
    assert.match(await judged(withHeader({ x5c: chain(11) })), /^FORMAT_FAILURE: x5c: more than 10/)
  })

  it('never has a good signature speak for a bad one', async () => {
    const bad = { ...signature, signature: toBase64url(new Uint8Array(64).fill(1)) }
    for (const signatures of [
      [signature, bad],
      [bad, signature],
    ]) {
      const verdicts = await verifyAll(JSON.stringify({ payload, signatures }))
      assert.deepEqual(
        verdicts.map(({ indication }) => indication),
        signatures.map(one => (one === bad ? 'TOTAL-FAILED' : 'TOTAL-PASSED')),
      )
    }
  })

  it('is refused when a payload is inside and another one is given', async () => {
    const given = { content: { payload: PAYLOAD } }
    assert.match(await judged(plain, given), /^FORMAT_FAILURE: a content inside/)
    const { payload: _, ...detached } = plain
    assert.equal(await judged(detached, given), 'TOTAL-PASSED B-B')
  })
})

describe('the reference to the signing certificate (T-JAD-02)', () => {
  it('is demanded once, and has to be of the first certificate in x5c', async () => {
    const digest = String(HEADER['x5t#S256'])
    const other = { digAlg: 'S512', digVal: toBase64url(new Uint8Array(64)) }
    assert.match(await judged(without('x5t#S256')), /^SIG_CONSTRAINTS_FAILURE/)
    assert.match(await judged(withHeader({ 'x5t#o': other })), /^SIG_CONSTRAINTS_FAILURE/)
    const wrong = withHeader({ 'x5t#S256': toBase64url(new Uint8Array(32)) })
    assert.match(await judged(wrong), /^NO_SIGNING_CERTIFICATE_FOUND/)
    const [own, ...chain] = HEADER['x5c'] as readonly string[]
    assert.match(await judged(withHeader({ x5c: [...chain, own] })), /^NO_SIGNING_CERTIFICATE_FOUND/)
    assert.match(await judged(without('x5c')), /^NO_SIGNING_CERTIFICATE_FOUND/)
    const certificates = [...chain, own ?? ''].map(der => new Uint8Array(Buffer.from(der, 'base64')))
    assert.equal(await judged(without('x5c'), { certificates }), 'TOTAL-PASSED B-B')
    const variants = {
      'an empty x5c': withHeader({ x5c: [] }),
      'x5c in base64url': withHeader({ x5c: [toBase64url(signer.certificate.bytes)] }),
      'an x5c that is a text': withHeader({ x5c: own }),
      'x5t beside it': withHeader({ x5t: digest }),
      'a reference that is a list': withHeader({ 'x5t#S256': [digest] }),
      'a digest of another name': forgedWith({ digAlg: 'SHA-1', digVal: 'AA' }),
    }
    await refuses(variants, /^FORMAT_FAILURE/)
  })

  it('keeps a certificate of the same key from being put in its place', async () => {
    const header = { ...HEADER, x5c: [toBase64(root.certificate.bytes)] }
    assert.match(await judged(forged(header, TEXT)), /^NO_SIGNING_CERTIFICATE_FOUND/)
  })
})

const forgedWith = (x5tO: object) => {
  const { 'x5t#S256': _, ...rest } = HEADER
  return forged({ ...rest, 'x5t#o': x5tO }, TEXT)
}

describe('times and unsigned values (T-JAD-03)', () => {
  it('are refused when the claimed time is there twice, in the old way too late, or not at all', async () => {
    const { iat: _, ...timeless } = HEADER
    const old = (sigT: unknown) => forged({ ...timeless, sigT }, TEXT)
    assert.match(await judged(without('iat')), /^SIG_CONSTRAINTS_FAILURE/)
    assert.match(await judged(withHeader({ sigT: '2025-01-01T00:00:00Z' })), /^FORMAT_FAILURE/)
    assert.match(await judged(old('2025-07-15T00:00:00Z')), /^SIG_CONSTRAINTS_FAILURE: sigT/)
    assert.equal(await judged(old('2025-07-14T23:59:59Z')), 'TOTAL-PASSED B-B')
    const TEXTS = [
      '2025-01-01',
      '2025-01-01T00:00:00',
      '2025-01-01T00:00:00+01:00',
      '2025-13-01T00:00:00Z',
      1,
      '',
    ]
    for (const sigT of TEXTS) assert.match(await judged(old(sigT)), /^FORMAT_FAILURE/, String(sigT))
  })

  const etsiU = lasting.header?.etsiU ?? []
  const withUnsigned = (values: unknown) => ({ ...lasting, header: { etsiU: values } })

  it('are refused in two forms, or when an element is not one value', async () => {
    const [stamp] = etsiU
    const clear = decoded(String(stamp))
    const variants = {
      mixed: withUnsigned([clear, ...etsiU.slice(1)]),
      empty: withUnsigned([]),
      'no list': withUnsigned(clear),
      'a number': withUnsigned([1]),
      'two values in one': withUnsigned([encoded({ ...clear, other: 1 })]),
      'none in one': withUnsigned([encoded({})]),
      'a time-stamp without tokens': withUnsigned([encoded({ sigTst: { tstTokens: [] } })]),
      'a certificate that is no base64': withUnsigned([encoded({ xVals: [{ x509Cert: { val: '-_' } }] })]),
    }
    await refuses(variants, /^FORMAT_FAILURE/)
  })

  it('lose the level when they are written anew, reordered, left out, or copied from elsewhere', async () => {
    const rewritten = etsiU.map(element => toBase64url(utf8(` ${JSON.stringify(decoded(String(element)))}`)))
    const other = flattened(await sign(ATTACHED, { level: 'B-LTA' }))
    const copied = other.header?.etsiU ?? []
    const [first, second, third, fourth] = etsiU
    assert.notEqual(await judged(withUnsigned([second, first, third, fourth])), 'TOTAL-PASSED B-LTA')
    assert.notEqual(await judged(withUnsigned([first, third, fourth])), 'TOTAL-PASSED B-LTA')
    assert.notEqual(await judged(withUnsigned([...rewritten.slice(0, 3), fourth])), 'TOTAL-PASSED B-LTA')
    assert.equal(await judged(withUnsigned(copied)), 'TOTAL-PASSED B-B')
    assert.equal(await judged(withUnsigned(etsiU)), 'TOTAL-PASSED B-LTA')
  })

  it('count for nothing in a form of plain JSON that is not known', async () => {
    const clear = flattened(await sign(ATTACHED, { level: 'B-LTA', unsigned: 'clear' }))
    assert.equal(await judged(clear), 'TOTAL-PASSED B-LTA')
    const text = JSON.stringify(clear)
    assert.equal(said(await verify(text.replace('json-canonicalization', 'other'))), 'TOTAL-PASSED B-LT')
    const spaced = JSON.stringify(clear, null, 2)
    assert.equal(said(await verify(spaced)), 'TOTAL-PASSED B-LTA')
  })

  it('do not have a claimed time count as proven', async () => {
    const early = withHeader({ iat: NOW.getTime() / 1000 - 1_000_000 })
    assert.equal(await judged(early), 'TOTAL-PASSED B-B')
    const stamped = await augment(JSON.stringify(early), 'B-T')
    assert.deepEqual((await verify(stamped)).facts.timeStamp?.generatedAt, NOW)
  })
})
