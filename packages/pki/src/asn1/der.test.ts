import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { concat, equal, utf8 } from '../encoding/bytes.ts'
import { DerError, type DerReason } from './der-error.ts'
import type { DerNode } from './der-node.ts'
import { readFields } from './fields.ts'
import { DER_LIMITS, elementsOf, parseDer } from './parse.ts'
import {
  readBitString,
  readBoolean,
  readGeneralizedTime,
  readInteger,
  readNamedBits,
  readOid,
  readSetOf,
  readSmallInteger,
  readText,
  readTime,
  readUnsignedBytes,
} from './read.ts'
import { TAG } from './tags.ts'
import {
  boolean,
  element,
  explicit,
  generalizedTime,
  implicit,
  integer,
  namedBits,
  null_,
  octetString,
  oid,
  printableString,
  sequence,
  set,
  time,
  unsignedInteger,
  utcTime,
  utf8String,
} from './write.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

function refusal(run: () => unknown): DerReason | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    assert.ok(error instanceof DerError, String(error))
    assert.equal(error.code, 'malformed-der')
    return error.reason
  }
}

const refusesToParse = (text: string) => refusal(() => parseDer(hex(text)))

/** Writes a node again from its tag and content. */
function rewrite(node: DerNode): Uint8Array {
  return node.constructed ? element(node.tag, ...node.children.map(rewrite)) : element(node.tag, node.content)
}

/** Empty SEQUENCEs inside one another, written from the inside out. */
function nested(depth: number): Uint8Array {
  const headers: Uint8Array[] = []
  let length = 0
  for (let i = 0; i < depth; i++) {
    const header = element(TAG.sequence, new Uint8Array(length)).subarray(0, headerLength(length))
    headers.push(header)
    length += header.length
  }
  return concat(...headers.reverse())
}

function headerLength(length: number): number {
  if (length < 0x80) return 2
  return length < 0x100 ? 3 : length < 0x10000 ? 4 : 5
}

describe('parseDer (X.690, 10 and 11)', () => {
  it('keeps the bytes it read', () => {
    const der = sequence(integer(5), explicit(0, utf8String('名')), set(octetString(hex('00 01'))))
    const root = parseDer(der)
    assert.deepEqual(root.bytes, der)
    assert.deepEqual(root.children[0]?.bytes, hex('02 01 05'))
    assert.deepEqual(root.children[0]?.content, hex('05'))
    assert.deepEqual(rewrite(root), der)
  })

  it('refuses every encoding that is not the canonical one (T-DER-01, T-DER-03)', () => {
    const table: readonly (readonly [string, DerReason])[] = [
      ['', 'truncated'],
      ['30', 'truncated'],
      ['04 02 00', 'truncated'],
      ['30 03 04 02 00', 'truncated'],
      ['30 02 04 81', 'truncated'],
      ['04 00 00', 'trailing-bytes'],
      ['30 80 00 00', 'indefinite-length'],
      ['04 81 7f', 'length-not-minimal'],
      ['04 82 00 ff', 'length-not-minimal'],
      ['04 84 00 00 00 01 00', 'length-not-minimal'],
      ['04 85 01 00 00 00 00', 'length-too-long'],
      ['04 88 ff ff ff ff ff ff ff ff', 'length-too-long'],
      ['04 ff', 'length-too-long'],
      ['04 84 ff ff ff ff', 'truncated'],
      ['1f 81 01 00', 'high-tag-number'],
      ['bf 67 00', 'high-tag-number'],
      ['30 02 00 00', 'end-of-contents'],
      ['24 04 04 02 00 00', 'wrong-form'],
      ['10 00', 'wrong-form'],
      ['11 00', 'wrong-form'],
      ['22 00', 'wrong-form'],
      ['01 01 01', 'boolean-not-canonical'],
      ['01 00', 'boolean-not-canonical'],
      ['01 02 00 00', 'boolean-not-canonical'],
      ['02 00', 'integer-not-minimal'],
      ['02 02 00 7f', 'integer-not-minimal'],
      ['02 02 ff 80', 'integer-not-minimal'],
      ['05 01 00', 'null-not-empty'],
      ['06 00', 'oid-not-canonical'],
      ['06 02 80 01', 'oid-not-canonical'],
      ['06 03 55 80 01', 'oid-not-canonical'],
      ['06 02 55 84', 'oid-not-canonical'],
      ['03 00', 'bit-string-not-canonical'],
      ['03 02 08 00', 'bit-string-not-canonical'],
      ['03 02 01 01', 'bit-string-not-canonical'],
      ['03 01 01', 'bit-string-not-canonical'],
      ['0c 02 c3 28', 'string-not-valid'],
      ['13 01 40', 'string-not-valid'],
      ['16 01 80', 'string-not-valid'],
    ]
    for (const [text, reason] of table) assert.equal(refusesToParse(text), reason, text)
  })

  it('accepts the canonical neighbours of what it refuses', () => {
    for (const text of [
      '04 00',
      '04 02 00 00',
      '02 01 00',
      '02 02 00 80',
      '02 02 ff 7f',
      '01 01 ff',
      '01 01 00',
      '03 01 00',
      '03 02 01 02',
      '06 01 00',
      '30 00',
      '31 00',
      '13 01 41',
      '16 01 7f',
    ])
      assert.equal(refusesToParse(text), undefined, text)
  })

  it('accepts depth 64 and refuses depth 65 (T-LIM-07)', () => {
    assert.equal(
      refusal(() => parseDer(nested(64))),
      undefined,
    )
    assert.equal(
      refusal(() => parseDer(nested(65))),
      'too-deep',
    )
  })

  it('refuses thousands of levels without touching the call stack (T-DER-02)', () => {
    assert.equal(
      refusal(() => parseDer(nested(8_000), { maxDepth: 7_000, maxElements: 200_000 })),
      'too-deep',
    )
  })

  it('accepts 200 000 elements and refuses one more (T-DER-02, T-LIM-07)', () => {
    const empties = (count: number) =>
      element(
        TAG.sequence,
        new Uint8Array(count * 2).map((_, i) => (i % 2 === 0 ? TAG.null : 0)),
      )
    assert.equal(DER_LIMITS.maxElements, 200_000)
    assert.equal(
      refusal(() => parseDer(empties(199_999))),
      undefined,
    )
    assert.equal(
      refusal(() => parseDer(empties(200_000))),
      'too-many-elements',
    )
  })

  it('accepts an INTEGER of 16 KiB and refuses one octet more (T-LIM-07)', () => {
    const huge = (size: number) => element(TAG.integer, new Uint8Array(size).fill(1))
    assert.equal(
      refusal(() => parseDer(huge(16 * 1024))),
      undefined,
    )
    assert.equal(
      refusal(() => parseDer(huge(16 * 1024 + 1))),
      'integer-too-long',
    )
  })

  it('throws nothing but DerError, and writes again what it accepts (T-DER-01, T-DER-03)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        try {
          assert.ok(equal(rewrite(parseDer(bytes)), bytes))
        } catch (error) {
          assert.ok(error instanceof DerError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('walks a long list without building a tree', () => {
    const list = concat(integer(1), sequence(integer(2)), integer(3))
    assert.deepEqual(
      [...elementsOf(list)].map(node => node.bytes),
      [integer(1), sequence(integer(2)), integer(3)],
    )
    assert.equal(
      refusal(() => [...elementsOf(list.subarray(0, -1))]),
      'truncated',
    )
  })
})

describe('readers and writers', () => {
  it('return every INTEGER unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), value => {
        assert.equal(readInteger(parseDer(integer(value))), value)
      }),
    )
    for (const value of [0n, -1n, 127n, 128n, -128n, -129n, 255n, 256n])
      assert.equal(readInteger(parseDer(integer(value))), value)
  })

  it('write octets as a non-negative INTEGER', () => {
    assert.deepEqual(unsignedInteger(hex('00 00 80')), hex('02 02 00 80'))
    assert.deepEqual(unsignedInteger(hex('00')), hex('02 01 00'))
    assert.deepEqual(readUnsignedBytes(parseDer(hex('02 02 00 80'))), hex('80'))
    assert.equal(
      refusal(() => readUnsignedBytes(parseDer(hex('02 01 80')))),
      'value-not-allowed',
    )
    assert.equal(
      refusal(() => readSmallInteger(parseDer(hex('02 01 ff')))),
      'value-not-allowed',
    )
  })

  it('return every OID unchanged, arcs of 128 bits and under 2 included (T-DER-05)', () => {
    const arc = fc.bigInt({ min: 0n, max: 2n ** 128n })
    const oids = fc.oneof(
      fc.tuple(fc.constantFrom(0n, 1n), fc.bigInt({ min: 0n, max: 39n }), fc.array(arc)),
      fc.tuple(fc.constant(2n), arc, fc.array(arc)),
    )
    fc.assert(
      fc.property(oids, ([root, second, rest]) => {
        const text = [root, second, ...rest].join('.')
        assert.equal(readOid(parseDer(oid(text))), text)
      }),
    )
    assert.deepEqual(oid('1.2.840.113549.1.7.2'), hex('06 09 2a 86 48 86 f7 0d 01 07 02'))
    for (const text of ['', '1', '3.1', '0.40', '1.2.', '1.02', '1.-2', 'a.b'])
      assert.throws(() => oid(text), RangeError, text)
  })

  it('sort a SET OF and refuse one that is not sorted', () => {
    const sorted = set(integer(2), integer(1), boolean(true))
    assert.deepEqual(
      readSetOf(parseDer(sorted)).map(node => node.bytes),
      [boolean(true), integer(1), integer(2)],
    )
    assert.equal(
      refusal(() => readSetOf(parseDer(element(TAG.set, integer(2), integer(1))))),
      'set-not-sorted',
    )
  })

  it('write named bits without trailing zeros and refuse them otherwise', () => {
    assert.deepEqual(namedBits([1]), hex('03 02 06 40'))
    assert.deepEqual(namedBits([5, 6]), hex('03 02 01 06'))
    assert.deepEqual(namedBits([8, 0]), hex('03 03 07 80 80'))
    assert.deepEqual(namedBits([]), hex('03 01 00'))
    assert.deepEqual(readNamedBits(parseDer(namedBits([8, 0]))), [0, 8])
    assert.equal(
      refusal(() => readNamedBits(parseDer(hex('03 02 05 40')))),
      'bit-string-not-canonical',
    )
    assert.equal(
      refusal(() => readNamedBits(parseDer(hex('03 02 00 00')))),
      'bit-string-not-canonical',
    )
    assert.equal(
      refusal(() => readBitString(parseDer(hex('03 02 06 40')))),
      'value-not-allowed',
    )
  })

  it('switch from UTCTime to GeneralizedTime at 2050 (RFC 5280, 4.1.2.5) (T-TIM-02)', () => {
    const last = new Date('2049-12-31T23:59:59Z')
    const next = new Date('2050-01-01T00:00:00Z')
    assert.equal(parseDer(time(last)).tag, TAG.utcTime)
    assert.equal(parseDer(time(next)).tag, TAG.generalizedTime)
    for (const at of [
      last,
      next,
      new Date('1950-01-01T00:00:00Z'),
      new Date('1949-12-31T23:59:59Z'),
      new Date('9999-12-31T23:59:59Z'),
    ])
      assert.deepEqual(readTime(parseDer(time(at))), at)
    assert.throws(() => utcTime(next), RangeError)
  })

  it('refuse times that are not instants in UTC with seconds (T-TIM-02)', () => {
    const utc = (text: string) => refusal(() => readTime(parseDer(element(TAG.utcTime, utf8(text)))))
    const generalized = (text: string) =>
      refusal(() => readTime(parseDer(element(TAG.generalizedTime, utf8(text)))))
    assert.equal(utc('260228235959Z'), undefined)
    assert.equal(utc('240229000000Z'), undefined)
    for (const text of [
      '2602282359Z',
      '260228235959',
      '260228235959+0000',
      '260229000000Z',
      '260228240000Z',
      '260228236000Z',
      '260228235960Z',
      '261301000000Z',
      '260100000000Z',
      '',
      'a60228235959Z',
      ' 60228235959Z',
    ])
      assert.equal(utc(text), 'time-not-valid', text)
    assert.equal(generalized('20260228235959Z'), undefined)
    for (const text of [
      '20260228235959.5Z',
      '202602282359Z',
      '20260228235959',
      '20260228235959+0900',
      '2026022823Z',
      '20260229000000Z',
    ])
      assert.equal(generalized(text), 'time-not-valid', text)
  })

  it('read a fraction of a second only where it is asked for and canonical (RFC 3161, 2.4.2) (T-TIM-02)', () => {
    const read = (text: string) =>
      readGeneralizedTime(parseDer(element(TAG.generalizedTime, utf8(text))), { fraction: true })
    assert.deepEqual(read('20260228235959.5Z'), new Date('2026-02-28T23:59:59.500Z'))
    assert.deepEqual(read('20260228235959.1234Z'), new Date('2026-02-28T23:59:59.123Z'))
    for (const text of ['20260228235959.50Z', '20260228235959.Z', '20260228235959,5Z'])
      assert.equal(
        refusal(() => read(text)),
        'time-not-valid',
        text,
      )
    const at = new Date('2026-02-28T23:59:59.120Z')
    assert.deepEqual(
      readGeneralizedTime(parseDer(generalizedTime(at, { fraction: true })), { fraction: true }),
      at,
    )
  })

  it('read text of every directory string type', () => {
    assert.equal(readText(parseDer(utf8String('山田'))), '山田')
    assert.equal(readText(parseDer(printableString('JP'))), 'JP')
    assert.equal(readText(parseDer(hex('1e 04 5c 71 75 30'))), '山田')
    assert.equal(readText(parseDer(hex('1c 04 00 01 f6 00'))), '😀')
    assert.equal(readText(parseDer(hex('14 01 e9'))), 'é')
    assert.equal(
      refusal(() => readText(parseDer(hex('1e 02 d8 00')))),
      'string-not-valid',
    )
    assert.equal(
      refusal(() => readText(parseDer(hex('1e 01 00')))),
      'string-not-valid',
    )
    assert.equal(
      refusal(() => readText(parseDer(null_()))),
      'unexpected-tag',
    )
    assert.throws(() => printableString('a@b'), RangeError)
  })

  it('replace the tag where it is IMPLICIT', () => {
    assert.deepEqual(implicit(0, integer(5)), hex('80 01 05'))
    assert.deepEqual(implicit(1, sequence(integer(5))), hex('a1 03 02 01 05'))
    assert.equal(readInteger(parseDer(hex('80 01 05')).as(TAG.integer)), 5n)
    assert.equal(
      refusal(() => readInteger(parseDer(hex('80 02 00 05')).as(TAG.integer))),
      'integer-not-minimal',
    )
    assert.equal(
      refusal(() => readBoolean(parseDer(hex('80 01 05')).as(TAG.boolean))),
      'boolean-not-canonical',
    )
  })
})

describe('Fields', () => {
  const read = (der: Uint8Array) =>
    readFields(parseDer(der), 'Example', fields => ({
      version: fields.explicit(0)?.bytes,
      serial: readInteger(fields.take('serial')),
      flag: fields.optional(TAG.boolean) !== undefined,
      keyId: fields.implicit(1, TAG.octetString)?.content,
    }))

  it('takes optional fields by tag and in order', () => {
    assert.deepEqual(
      read(sequence(explicit(0, integer(1)), integer(7), boolean(true), implicit(1, octetString(hex('0a'))))),
      {
        version: integer(1),
        serial: 7n,
        flag: true,
        keyId: hex('0a'),
      },
    )
    assert.deepEqual(read(sequence(integer(7))), {
      version: undefined,
      serial: 7n,
      flag: false,
      keyId: undefined,
    })
  })

  it('says which field is missing', () => {
    assert.throws(() => read(sequence()), {
      reason: 'missing-field',
      message: 'missing-field: Example.serial',
    })
  })

  it('refuses fields that are unknown or out of order', () => {
    assert.equal(
      refusal(() => read(sequence(integer(7), integer(8)))),
      'unknown-field',
    )
    assert.equal(
      refusal(() => read(sequence(boolean(true), integer(7)))),
      'unexpected-tag',
    )
    assert.equal(
      refusal(() => read(sequence(element(0xa0, integer(1), integer(2)), integer(7)))),
      'unknown-field',
    )
    assert.equal(
      refusal(() => read(sequence(element(0xa0), integer(7)))),
      'missing-field',
    )
  })
})
