import assert from 'node:assert/strict'
import { constants, createHash, privateEncrypt, publicDecrypt, sign, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { type DigestAlgorithm, digestAlgorithms } from '@natsuin/pki/algorithms'
import { newKeyPair } from '@natsuin/testing/keys'
import { encodePss, isPssOf } from './emsa-pss.ts'

const { publicKey, privateKey } = newKeyPair('rsa-3072')
const BITS = 3072
// Object.keys forgets the names of a Record that is exhaustive by construction.
const DIGESTS = Object.keys(digestAlgorithms) as DigestAlgorithm[]
const pss = (saltLength: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
const raw = { padding: constants.RSA_NO_PADDING }

describe('EMSA-PSS (RFC 8017, 9.1)', () => {
  for (const algorithm of DIGESTS) {
    const { size } = digestAlgorithms[algorithm]
    const message = Buffer.from(`message for ${algorithm}`)
    const digest = createHash(algorithm).update(message).digest()

    it(`encodes what OpenSSL verifies over the message, with ${algorithm}, every time with another salt`, () => {
      const encoded = Array.from({ length: 50 }, () => encodePss(algorithm, digest, BITS))
      for (const one of encoded) {
        const signature = privateEncrypt({ key: privateKey, ...raw }, one)
        assert.ok(verify(algorithm, message, { key: publicKey, ...pss(size) }, signature))
      }
      assert.equal(new Set(encoded.map(one => Buffer.from(one).toString('hex'))).size, 50)
    })

    it(`accepts what OpenSSL signed over the message, with ${algorithm}, and nothing beside it`, () => {
      const signature = sign(algorithm, message, { key: privateKey, ...pss(size) })
      const encoded = publicDecrypt({ key: publicKey, ...raw }, signature)
      assert.equal(isPssOf(algorithm, digest, encoded, BITS), true)
      const other = createHash(algorithm).update('another message').digest()
      assert.equal(isPssOf(algorithm, other, encoded, BITS), false)
      for (let at = 0; at < encoded.length; at++) {
        const altered = Uint8Array.from(encoded)
        altered[at] = (altered[at] ?? 0) ^ 1
        assert.equal(isPssOf(algorithm, digest, altered, BITS), false, `octet ${at}`)
      }
      assert.equal(isPssOf(algorithm, digest, encoded.subarray(1), BITS), false)
    })

    it(`refuses a salt of another length, with ${algorithm}`, () => {
      for (const length of [0, 20, size - 1, size + 1]) {
        const signature = sign(algorithm, message, { key: privateKey, ...pss(length) })
        const encoded = publicDecrypt({ key: publicKey, ...raw }, signature)
        assert.equal(isPssOf(algorithm, digest, encoded, BITS), false, `salt of ${length}`)
      }
    })
  }

  it('refuses the bit that the modulus has no room for', () => {
    const digest = createHash('sha256').update('x').digest()
    const encoded = encodePss('sha256', digest, BITS)
    assert.equal(isPssOf('sha256', digest, encoded, BITS), true)
    encoded[0] = (encoded[0] ?? 0) | 0x80
    assert.equal(isPssOf('sha256', digest, encoded, BITS), false)
  })
})
