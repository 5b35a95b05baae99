import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { type KeyType, keyTypes, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue, parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { utf8 } from '@natsuin/pki/encoding'
import { curveOrders, integerOf, octetsOf } from './curve-order.ts'
import { ModuleRefusal } from './module.ts'
import { verifyDigest } from './verify-digest.ts'

const requestOf = (algorithm: SignatureAlgorithm, message: string) => ({
  algorithm,
  digest: createHash(signatureAlgorithms[algorithm].digest).update(message).digest(),
})
const spkiOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })

function generate(type: KeyType) {
  const { curve, bits } = keyTypes[type]
  return curve === undefined
    ? generateKeyPairSync('rsa', { modulusLength: bits })
    : generateKeyPairSync('ec', { namedCurve: curve })
}

describe('verification over a ready digest', () => {
  // Object.keys forgets the type of the keys it lists.
  for (const type of Object.keys(keyTypes) as KeyType[]) {
    it(`accepts what node:crypto signed over the message with ${type}, and nothing beside it`, () => {
      const { publicKey, privateKey } = generate(type)
      const key = { type, spki: spkiOf(publicKey) }
      const stranger = { type, spki: spkiOf(generate(type).publicKey) }
      for (const algorithm of keyTypes[type].signs) {
        for (let i = 0; i < 4; i++) {
          const request = requestOf(algorithm, `message ${i}`)
          const signature = sign(signatureAlgorithms[algorithm].digest, utf8(`message ${i}`), privateKey)
          assert.equal(verifyDigest(key, request, signature), true)
          assert.equal(verifyDigest(stranger, request, signature), false)
          assert.equal(verifyDigest(key, requestOf(algorithm, 'another message'), signature), false)
          for (const at of [0, 1, 5, signature.length - 1]) {
            const altered = Uint8Array.from(signature)
            altered[at] = (altered[at] ?? 0) ^ 1
            assert.equal(verifyDigest(key, request, altered), false)
          }
          assert.equal(verifyDigest(key, request, signature.subarray(1)), false)
          assert.equal(verifyDigest(key, request, Buffer.concat([signature, Buffer.of(0)])), false)
          assert.equal(verifyDigest(key, request, new Uint8Array()), false)
        }
      }
    })
  }

  it('refuses s and r that are not below the order', () => {
    const { publicKey, privateKey } = generate('ec-p256')
    const request = requestOf('ecdsa-sha256', 'x')
    const pair = parseEcdsaSigValue(sign('sha256', utf8('x'), privateKey), 32)
    assert.ok(pair !== undefined)
    const key = { type: 'ec-p256', spki: spkiOf(publicKey) } as const
    assert.equal(verifyDigest(key, request, buildEcdsaSigValue(pair)), true)
    for (const half of [0, 32]) {
      const grown = integerOf(pair.subarray(half, half + 32)) + curveOrders['P-256']
      const wide = new Uint8Array(66)
      wide.set(pair.subarray(0, 32), 1)
      wide.set(pair.subarray(32), 34)
      wide.set(octetsOf(grown, 33), half === 0 ? 0 : 33)
      assert.equal(verifyDigest(key, request, buildEcdsaSigValue(wide)), false)
    }
    for (const value of [0n, curveOrders['P-256']]) {
      const edge = pair.slice()
      edge.set(octetsOf(value, 32), 32)
      assert.equal(verifyDigest(key, request, buildEcdsaSigValue(edge)), false)
    }
  })

  it('refuses an algorithm that is not for the key, and a key of another type', () => {
    const { publicKey } = generate('ec-p256')
    const spki = spkiOf(publicKey)
    const request = requestOf('rsa-sha256', 'x')
    assert.throws(
      () => verifyDigest({ type: 'ec-p256', spki }, request, new Uint8Array()),
      error => error instanceof ModuleRefusal && error.code === 'algorithm-not-for-key',
    )
    assert.throws(
      () => verifyDigest({ type: 'rsa-3072', spki }, request, new Uint8Array()),
      /not of type rsa-3072/,
    )
  })
})
