import assert from 'node:assert/strict'
import { createECDH, createHash, createPublicKey, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { curveOrders, octetsOf, orderSizes } from '../curve-order.ts'
import { signEcdsa } from './sign-ecdsa.ts'

const CURVES = [
  ['P-256', 'prime256v1', 'sha256'],
  ['P-384', 'secp384r1', 'sha384'],
  ['P-521', 'secp521r1', 'sha512'],
] as const

describe('ECDSA over a ready digest (RFC 6979, 2.4)', () => {
  for (const [curve, name, hash] of CURVES) {
    const order = curveOrders[curve]
    const verifies = (scalar: bigint, message: Uint8Array, pair: Uint8Array) => {
      const ecdh = createECDH(name)
      ecdh.setPrivateKey(octetsOf(scalar, orderSizes[curve]))
      const point = ecdh.getPublicKey()
      const size = orderSizes[curve]
      const coordinate = (at: number) =>
        point.subarray(1 + at * size, 1 + (at + 1) * size).toString('base64url')
      const jwk = { kty: 'EC', crv: curve, x: coordinate(0), y: coordinate(1) }
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      return verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, pair)
    }

    it(`makes signatures that verify, for any key of ${curve} and any message`, () => {
      const scalars = fc.oneof(fc.constantFrom(1n, 2n, order - 1n), fc.bigInt({ min: 1n, max: order - 1n }))
      fc.assert(
        fc.property(scalars, fc.uint8Array(), (scalar, message) => {
          const pair = signEcdsa({ curve, scalar }, createHash(hash).update(message).digest())
          assert.ok(verifies(scalar, message, pair))
        }),
        { numRuns: 50 },
      )
    })

    it(`draws a fresh nonce for every signature with ${curve}`, () => {
      const digest = createHash(hash).update('twice').digest()
      const size = orderSizes[curve]
      const r = () => Buffer.from(signEcdsa({ curve, scalar: 5n }, digest).subarray(0, size)).toString('hex')
      assert.equal(new Set(Array.from({ length: 20 }, r)).size, 20)
    })
  }
})
