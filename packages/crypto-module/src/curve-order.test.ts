import assert from 'node:assert/strict'
import { createECDH } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { curveOrders, integerOf, octetsOf, orderSizes } from './curve-order.ts'

describe('curve orders (RFC 6979, A.2.5 to A.2.7)', () => {
  const curves = [
    ['P-256', 'prime256v1'],
    ['P-384', 'secp384r1'],
    ['P-521', 'secp521r1'],
  ] as const

  for (const [curve, name] of curves) {
    it(`holds the order of ${curve}: n - 1 times the base point is its mirror image, and n is no key`, () => {
      const n = curveOrders[curve]
      const point = (scalar: bigint) => {
        const ecdh = createECDH(name)
        ecdh.setPrivateKey(octetsOf(scalar, orderSizes[curve]))
        return ecdh.getPublicKey('hex', 'compressed')
      }
      const base = point(1n)
      const mirrored = point(n - 1n)
      assert.equal(mirrored.slice(2), base.slice(2))
      assert.notEqual(mirrored.slice(0, 2), base.slice(0, 2))
      assert.throws(() => point(n))
    })
  }

  it('spells integers as octets and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: curveOrders['P-521'] }), integer => {
        assert.equal(integerOf(octetsOf(integer, 66)), integer)
      }),
    )
    assert.deepEqual(octetsOf(1n, 3), Uint8Array.of(0, 0, 1))
  })
})
