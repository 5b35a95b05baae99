import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CborError, readCbor } from './cbor.ts'

const read = (hex: string) => readCbor(new Uint8Array(Buffer.from(hex, 'hex')))

describe('CBOR (RFC 8949, examples of appendix A)', () => {
  it('reads what authenticators write', () => {
    const examples: [string, unknown][] = [
      ['00', 0],
      ['17', 23],
      ['1818', 24],
      ['1903e8', 1000],
      ['1a000f4240', 1000000],
      ['20', -1],
      ['3903e7', -1000],
      ['4401020304', Uint8Array.of(1, 2, 3, 4)],
      ['6161', 'a'],
      ['83010203', [1, 2, 3]],
      ['f4', false],
      ['f5', true],
      ['f6', null],
    ]
    for (const [hex, value] of examples.filter(([, expected]) => expected !== undefined)) {
      assert.deepEqual(read(hex), value, hex)
    }
    assert.equal(read('62c3bc'), 'ü')
    assert.deepEqual(
      read('a201020304'),
      new Map([
        [1, 2],
        [3, 4],
      ]),
    )
  })

  it('refuses second spellings, tags, floats, indefinite lengths, repeated keys and surplus bytes', () => {
    const refused = [
      '1817',
      '190017',
      '1a0000ffff',
      '9f0102ff',
      '5f4101ff',
      'c000',
      'f90000',
      'a201020103',
      '0000',
      '',
      '41',
      '62c328',
    ]
    for (const hex of refused) assert.throws(() => read(hex), CborError, hex)
    assert.throws(() => read(`${'81'.repeat(10)}00`), CborError)
  })

  it('ends in a value or a CborError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        try {
          readCbor(bytes)
        } catch (error) {
          assert.ok(error instanceof CborError)
        }
      }),
    )
  })
})
