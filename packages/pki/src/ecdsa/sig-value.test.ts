import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { equal } from '../encoding/bytes.ts'
import { buildEcdsaSigValue, parseEcdsaSigValue } from './sig-value.ts'

describe('ECDSA-Sig-Value (RFC 3279, 2.2.3)', () => {
  it('drops leading zeros and keeps integers positive', () => {
    const der = buildEcdsaSigValue(Uint8Array.of(0, 0, 1, 0x80, 0, 0))
    assert.deepEqual(der, Uint8Array.of(0x30, 9, 0x02, 1, 1, 0x02, 4, 0, 0x80, 0, 0))
  })

  it('spells zero with one octet', () => {
    assert.deepEqual(buildEcdsaSigValue(new Uint8Array(4)), Uint8Array.of(0x30, 6, 0x02, 1, 0, 0x02, 1, 0))
  })

  it('uses the long form of the length where P-521 needs it, and only there', () => {
    assert.deepEqual(
      [...buildEcdsaSigValue(new Uint8Array(132).fill(0x7f)).subarray(0, 3)],
      [0x30, 0x81, 136],
    )
    assert.deepEqual([...buildEcdsaSigValue(new Uint8Array(96).fill(0x7f)).subarray(0, 2)], [0x30, 100])
  })

  it('turns into r and s and back, for the sizes of every curve', () => {
    for (const size of [32, 48, 66]) {
      const half = fc.uint8Array({ minLength: size, maxLength: size }).filter(octets => octets.some(Boolean))
      fc.assert(
        fc.property(half, half, (r, s) => {
          const pair = Uint8Array.of(...r, ...s)
          assert.deepEqual(parseEcdsaSigValue(buildEcdsaSigValue(pair), size), pair)
        }),
      )
    }
  })

  it('is what the platform writes and reads', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    for (let i = 0; i < 20; i++) {
      const der = sign('sha256', Buffer.of(i), { key: privateKey, dsaEncoding: 'der' })
      const pair = parseEcdsaSigValue(der, 32)
      assert.ok(pair !== undefined)
      assert.deepEqual(buildEcdsaSigValue(pair), new Uint8Array(der))
    }
  })

  it('is read in no other spelling, and not with zero or with integers that do not fit', () => {
    const pair = Uint8Array.of(0, 1, 0x80, 0)
    const der = buildEcdsaSigValue(pair)
    assert.deepEqual(parseEcdsaSigValue(der, 2), pair)
    assert.equal(parseEcdsaSigValue(der, 1), undefined)
    const others = [
      [],
      [0x30, 8, 0x02, 2, 0, 1, 0x02, 3, 0, 0x80, 0],
      [0x30, 6, 0x02, 1, 1, 0x02, 2, 0x80, 0],
      [0x30, 0x81, 8, 0x02, 1, 1, 0x02, 3, 0, 0x80, 0],
      [0x31, 8, 0x02, 1, 1, 0x02, 3, 0, 0x80, 0],
      [0x30, 11, 0x02, 1, 1, 0x02, 3, 0, 0x80, 0, 0x02, 1, 1],
      [...der, 0],
      [...der.subarray(0, -1)],
      [0x30, 6, 0x02, 1, 0, 0x02, 1, 1],
      [0x30, 6, 0x02, 1, 1, 0x02, 1, 0],
    ]
    for (const other of others) {
      assert.ok(!equal(Uint8Array.from(other), der))
      assert.equal(parseEcdsaSigValue(Uint8Array.from(other), 2), undefined, String(other))
    }
  })
})
