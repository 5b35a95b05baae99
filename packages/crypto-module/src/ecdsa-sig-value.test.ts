import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ecdsaSigValue } from './ecdsa-sig-value.ts'

describe('ECDSA-Sig-Value (RFC 3279, 2.2.3)', () => {
  it('drops leading zeros and keeps integers positive', () => {
    const der = ecdsaSigValue(Uint8Array.of(0, 0, 1, 0x80, 0, 0))
    assert.deepEqual(der, Uint8Array.of(0x30, 9, 0x02, 1, 1, 0x02, 4, 0, 0x80, 0, 0))
  })

  it('spells zero with one octet', () => {
    assert.deepEqual(ecdsaSigValue(new Uint8Array(4)), Uint8Array.of(0x30, 6, 0x02, 1, 0, 0x02, 1, 0))
  })

  it('uses the long form of the length where P-521 needs it, and only there', () => {
    assert.deepEqual([...ecdsaSigValue(new Uint8Array(132).fill(0x7f)).subarray(0, 3)], [0x30, 0x81, 136])
    assert.deepEqual([...ecdsaSigValue(new Uint8Array(96).fill(0x7f)).subarray(0, 2)], [0x30, 100])
  })
})
