import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { type Cbor, CborError, parseCbor, parseCborPrefix } from './cbor.ts'

function readOrNothing(given: Uint8Array): { item?: Cbor; rest: Uint8Array } {
  try {
    return parseCborPrefix(given)
  } catch (error) {
    if (error instanceof CborError) return { rest: given }
    throw error
  }
}

/** RFC 8949, 4.2.1, of the types that are read. */
function written(item: Cbor): Uint8Array {
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item)
  if (typeof item === 'boolean') return Uint8Array.of(item ? 0xf5 : 0xf4)
  if (typeof item === 'string') return concat(head(3, utf8(item).length), utf8(item))
  if (item instanceof Uint8Array) return concat(head(2, item.length), item)
  if (item instanceof Map) return concat(head(5, item.size), ...[...item].flat().map(one => written(one)))
  const items = [...(item as readonly Cbor[])]
  return concat(head(4, items.length), ...items.map(written))
}

function head(major: number, value: number): Uint8Array {
  const size = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4
  const argument = Uint8Array.from(
    { length: size },
    (_, i) => Math.floor(value / 2 ** (8 * (size - 1 - i))) & 0xff,
  )
  return concat(Uint8Array.of((major << 5) | (size === 0 ? value : 24 + Math.log2(size))), argument)
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

/** From RFC 8949, Appendix A, of the types that are read. */
const READ: readonly (readonly [string, Cbor])[] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['20', -1],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['62c3bc', 'ü'],
  ['80', []],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a0', new Map()],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
]

/** One deviation each from the form that authenticators must write: CTAP 2.1, 8; RFC 8949, 4.2.1. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['a byte after the item', '0000'],
  ['an item that is cut short', '4401'],
  ['a head that is cut short', '19'],
  ['a small number in one more byte', '1817'],
  ['a number in two bytes that fits one', '1900ff'],
  ['a number in four bytes that fits two', '1a0000ffff'],
  ['a number in eight bytes', '1b000000e8d4a51000'],
  ['a length longer than it needs to be', '580101'],
  ['a byte string of indefinite length', '5f42010243030405ff'],
  ['a text of indefinite length', '7f657374726561646d696e67ff'],
  ['an array of indefinite length', '9fff'],
  ['a map of indefinite length', 'bfff'],
  ['a tag', 'c074323031332d30332d32315432303a30343a30305a'],
  ['null', 'f6'],
  ['undefined', 'f7'],
  ['true in a longer form', 'f815'],
  ['a half float', 'f93c00'],
  ['a float', 'fa47c35000'],
  ['a double', 'fb3ff199999999999a'],
  ['text that is not UTF-8', '61ff'],
  ['a key twice', 'a201020103'],
  ['a key that is a byte string', 'a1410102'],
  ['a reserved head', '1c'],
  ['nesting deeper than any attestation', '8181818181818181'.concat('00')],
  ['more entries than any attestation', `9841${'00'.repeat(65)}`],
]

describe('CBOR of authenticators (CTAP 2.1, 8; RFC 8949; T-WA-11)', () => {
  for (const [hex, value] of READ) {
    it(`reads ${hex}`, () => assert.deepEqual(parseCbor(bytes(hex)), value))
  }

  for (const [what, hex] of REFUSED) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseCbor(bytes(hex)),
        error => error instanceof CborError && error.code === 'cbor-malformed',
      )
    })
  }

  it('reads nesting and entries up to the limits', () => {
    assert.ok(Array.isArray(parseCbor(bytes('8181818181818100'))))
    assert.equal((parseCbor(bytes(`9840${'00'.repeat(64)}`)) as readonly Cbor[]).length, 64)
  })

  it('leaves what follows an item that is read from the front', () => {
    const { item, rest } = parseCborPrefix(bytes('1818ff'))
    assert.equal(item, 24)
    assert.deepEqual(rest, bytes('ff'))
  })

  it('reads or refuses any bytes, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), given => {
        try {
          parseCbor(given)
        } catch (error) {
          if (!(error instanceof CborError)) throw error
        }
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })

  it('reads one value in one spelling: whatever is read is what a strict writer writes (T-WA-11)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), given => {
        const { item, rest } = readOrNothing(given)
        if (item !== undefined) assert.deepEqual(written(item), given.subarray(0, given.length - rest.length))
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })
})
