import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Cbor } from './cbor.ts'
import { importCoseKey } from './cose-key.ts'

const member = (key: KeyObject, name: 'x' | 'y' | 'n' | 'e') =>
  new Uint8Array(Buffer.from(String(key.export({ format: 'jwk' })[name]), 'base64url'))
const spkiOf = (key: KeyObject) => new Uint8Array(key.export({ type: 'spki', format: 'der' }))

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
const rsa = (modulusLength: number, publicExponent = 65537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey
const [x, y] = [member(ec, 'x'), member(ec, 'y')]
const es256: readonly (readonly [number | string, Cbor])[] = [
  [1, 2],
  [3, -7],
  [-1, 1],
  [-2, x],
  [-3, y],
]
const rs256 = (key: KeyObject): readonly (readonly [number | string, Cbor])[] => [
  [1, 3],
  [3, -257],
  [-1, member(key, 'n')],
  [-2, member(key, 'e')],
]
const rsa2048 = rsa(2048)
const zero = Uint8Array.of(0)

const REFUSED: Readonly<Record<string, readonly (readonly [number | string, Cbor])[]>> = {
  'another key type': [...es256, [1, 3]],
  'ES384 on P-256': [...es256, [3, -35]],
  'ES256 on P-384': [...es256, [-1, 2]],
  'a missing coordinate': es256.slice(0, 4),
  'a member too many': [...es256, [4, [2]]],
  'a text label': [...es256.slice(0, 4), ['-3', y]],
  'a compressed point': [...es256, [-3, true]],
  'a coordinate with a zero before it': [...es256, [-2, Uint8Array.of(0, ...x)]],
  'a coordinate that is short': [...es256, [-2, x.subarray(1)]],
  'a point that is not on the curve': [...es256, [-3, y.with(31, (y[31] ?? 0) ^ 1)]],
  'the point at infinity': [...es256, [-2, new Uint8Array(32)], [-3, new Uint8Array(32)]],
  'RSA with 1024 bits': rs256(rsa(1024)),
  'RSA with exponent 3': rs256(rsa(2048, 3)),
  'RSA with a zero before the modulus': [...rs256(rsa2048), [-1, Uint8Array.of(0, ...member(rsa2048, 'n'))]],
  'RSA with a zero before the exponent': [...rs256(rsa2048), [-2, Uint8Array.of(...zero, 1, 0, 1)]],
  'RSA with PS256': [...rs256(rsa2048), [3, -37]],
  'RSA with RS1': [...rs256(rsa2048), [3, -65535]],
  nothing: [],
}

describe('COSE keys of authenticators (RFC 9053, 7.1.1; RFC 8230, 4; T-WA-11)', () => {
  it('takes ES256 on P-256', () => {
    assert.deepEqual(importCoseKey(new Map(es256)), { publicKey: spkiOf(ec), algorithm: 'ecdsa-sha256' })
  })

  it('takes RS256', () => {
    const expected = { publicKey: spkiOf(rsa2048), algorithm: 'rsa-sha256' }
    assert.deepEqual(importCoseKey(new Map(rs256(rsa2048))), expected)
  })

  for (const [what, members] of Object.entries(REFUSED)) {
    it(`does not take ${what}`, () => assert.equal(importCoseKey(new Map(members)), undefined))
  }
})
