import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  type KeyType,
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
  signsMessages,
} from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue, parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { utf8 } from '@natsuin/pki/encoding'
import { newKeyPair, signData, spkiOf } from '@natsuin/testing/keys'
import { curveOrders, integerOf, octetsOf } from './curve-order.ts'
import { ModuleRefusal } from './module.ts'
import { verifyDigest } from './verify-digest.ts'

const requestOf = (algorithm: SignatureAlgorithm, message: string) => ({
  algorithm,
  digest: createHash(signatureAlgorithms[algorithm].digest).update(message).digest(),
  ...(signsMessages(algorithm) && { message: utf8(message) }),
})

describe('verification over a ready digest', () => {
  // Object.keys forgets the type of the keys it lists.
  for (const type of Object.keys(keyTypes) as KeyType[]) {
    it(`accepts what node:crypto signed over the message with ${type}, and nothing beside it`, () => {
      const { publicKey, privateKey } = newKeyPair(type)
      const key = { type, spki: spkiOf(publicKey) }
      const stranger = { type, spki: spkiOf(newKeyPair(type).publicKey) }
      for (const algorithm of keyTypes[type].signs) {
        for (let i = 0; i < 4; i++) {
          const request = requestOf(algorithm, `message ${i}`)
          const signature = signData(algorithm, utf8(`message ${i}`), privateKey)
          assert.equal(verifyDigest(key, request, signature), true)
          assert.equal(verifyDigest(stranger, request, signature), false)
          assert.equal(verifyDigest(key, requestOf(algorithm, 'another message'), signature), false)
          for (const at of [0, 1, 5, signature.length - 1]) {
            const altered = Uint8Array.from(signature)
            altered[at] = (altered[at] ?? 0) ^ 1
            assert.equal(verifyDigest(key, request, altered), false)
          }
          assert.equal(verifyDigest(key, request, signature.subarray(1)), false)
          assert.equal(verifyDigest(key, request, Uint8Array.of(...signature, 0)), false)
          assert.equal(verifyDigest(key, request, new Uint8Array()), false)
        }
      }
    })
  }

  for (const algorithm of ['rsa-sha256', 'rsa-pss-sha256'] as const) {
    it(`refuses a signature with ${algorithm} without its leading zero octet`, () => {
      const { publicKey, privateKey } = newKeyPair('rsa-3072')
      const key = { type: 'rsa-3072', spki: spkiOf(publicKey) } as const
      for (let i = 0; ; i++) {
        const signature = signData(algorithm, utf8(`message ${i}`), privateKey)
        if (signature[0] !== 0) continue
        assert.equal(verifyDigest(key, requestOf(algorithm, `message ${i}`), signature), true)
        assert.equal(verifyDigest(key, requestOf(algorithm, `message ${i}`), signature.subarray(1)), false)
        return
      }
    })
  }

  it('refuses s and r that are not below the order', () => {
    const { publicKey, privateKey } = newKeyPair('ec-p256')
    const request = requestOf('ecdsa-sha256', 'x')
    const pair = parseEcdsaSigValue(signData('ecdsa-sha256', utf8('x'), privateKey), 32)
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
    const { publicKey } = newKeyPair('ec-p256')
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
