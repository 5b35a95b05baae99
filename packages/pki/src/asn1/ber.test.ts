import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat } from '../encoding/bytes.ts'
import { asBer } from '../pkcs12/fixture/build-pkcs12.ts'
import { derOfBer } from './ber.ts'
import { integer, octetString, sequence, set } from './write.ts'

const refuses = (run: () => unknown, reason: string) => assert.throws(run, { code: 'malformed-der', reason })
const bytes = (...values: readonly number[]) => Uint8Array.from(values)

describe('BER that becomes DER (X.690, 8.1.3.6 and 8.7.3)', () => {
  const der = sequence(
    integer(1),
    set(octetString(new Uint8Array(300).fill(5)), sequence()),
    octetString(bytes()),
  )

  it('is the same value in the one spelling of DER', () => {
    for (const piece of [1, 100, 300]) assert.deepEqual(derOfBer(asBer(der, piece)), der)
  })

  it('leaves DER as it is', () => assert.deepEqual(derOfBer(der), der))

  it('joins the pieces of a string that has a definite length too', () => {
    assert.deepEqual(derOfBer(bytes(0x24, 5, 4, 1, 7, 4, 0)), bytes(4, 1, 7))
  })

  it('refuses pieces that are no OCTET STRINGs', () => {
    refuses(() => derOfBer(bytes(0x24, 3, 2, 1, 7)), 'unexpected-tag')
  })

  it('refuses what has no end, what goes on after it, and an end outside', () => {
    refuses(() => derOfBer(bytes(0x30, 0x80, 2, 1, 7)), 'truncated')
    refuses(() => derOfBer(bytes(0x30, 0x80, 2, 1, 7, 0)), 'truncated')
    refuses(() => derOfBer(bytes(0x30, 0x80, 0, 0, 0)), 'trailing-bytes')
    refuses(() => derOfBer(bytes(0x30, 2, 0x30, 0x80, 0, 0)), 'truncated')
    refuses(() => derOfBer(bytes()), 'truncated')
  })

  it('refuses a primitive element without a length', () => {
    refuses(() => derOfBer(bytes(4, 0x80, 0, 0)), 'indefinite-length')
  })

  it('stays within depth and number of elements, however the bytes are nested', () => {
    const deep = concat(...Array.from({ length: 100_000 }, () => bytes(0x30, 0x80)))
    refuses(() => derOfBer(deep), 'too-deep')
    const wide = concat(
      bytes(0x30, 0x80),
      new Uint8Array(300_000).map((_, i) => (i % 2 === 0 ? 0x30 : 0)),
      bytes(0, 0),
    )
    assert.equal(derOfBer(wide).length, 300_005)
    refuses(() => derOfBer(wide, { maxDepth: 64, maxElements: 1000 }), 'too-many-elements')
  })
})
