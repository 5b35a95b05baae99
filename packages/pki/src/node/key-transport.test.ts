import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import { unwrapKey, wrapKey } from './aes-key-wrap.ts'
import { forwardTransport, partsOfTransport, receiveKey, sendKey } from './key-transport.ts'

const alice = newKeyPair('rsa-3072')
const bob = newKeyPair('rsa-4096')
const recipient = (pair: typeof alice, oaepDigest: 'sha1' | 'sha256' = 'sha256') => ({
  spki: spkiOf(pair.publicKey),
  oaepDigest,
})

describe('a key on its way to the holder of an RSA key', () => {
  for (const oaepDigest of ['sha256', 'sha1'] as const) {
    it(`arrives as it was sent, whatever its length, by OAEP with ${oaepDigest}`, () => {
      for (const length of [1, 7, 8, 32, 138, 2400]) {
        const key = new Uint8Array(randomBytes(length))
        const sent = sendKey(recipient(alice, oaepDigest), key)
        assert.deepEqual(receiveKey(alice.privateKey, oaepDigest, sent), key)
      }
    })
  }

  it('does not arrive with anybody else, under another digest, altered or cut', () => {
    const sent = sendKey(recipient(alice), new Uint8Array(32).fill(7))
    assert.equal(receiveKey(bob.privateKey, 'sha256', sent), undefined)
    assert.equal(receiveKey(newKeyPair('rsa-3072').privateKey, 'sha256', sent), undefined)
    assert.equal(receiveKey(alice.privateKey, 'sha1', sent), undefined)
    for (const at of [0, 383, 384, sent.length - 1]) {
      assert.equal(receiveKey(alice.privateKey, 'sha256', sent.with(at, (sent[at] ?? 0) ^ 1)), undefined)
    }
    for (const length of [0, 384, sent.length - 8]) {
      assert.equal(receiveKey(alice.privateKey, 'sha256', sent.slice(0, length)), undefined)
    }
    assert.ok(receiveKey(alice.privateKey, 'sha256', sent))
  })

  it('is passed on by who sees the transport key alone', () => {
    const key = new Uint8Array(randomBytes(32))
    const { transport, wrapped } = partsOfTransport(sendKey(recipient(alice, 'sha1'), key), 3072)
    const forwarded = forwardTransport(alice.privateKey, 'sha1', transport, recipient(bob))
    assert.ok(forwarded !== undefined)
    assert.equal(forwarded.length, 512)
    assert.deepEqual(receiveKey(bob.privateKey, 'sha256', Uint8Array.of(...forwarded, ...wrapped)), key)
    assert.equal(forwardTransport(bob.privateKey, 'sha1', transport, recipient(alice)), undefined)
  })
})

describe('AES-KWP (RFC 5649)', () => {
  it('pads to whole semiblocks, and gives back nothing under another key', () => {
    const [key, other] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))]
    for (const [length, expected] of [
      [1, 16],
      [8, 16],
      [9, 24],
      [20, 32],
    ] as const) {
      const octets = new Uint8Array(randomBytes(length))
      const wrapped = wrapKey(key, octets)
      assert.equal(wrapped.length, expected)
      assert.deepEqual(unwrapKey(key, wrapped), octets)
      assert.equal(unwrapKey(other, wrapped), undefined)
    }
  })
})
