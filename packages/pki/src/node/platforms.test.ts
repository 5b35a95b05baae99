import assert from 'node:assert/strict'
import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { DigestAlgorithm, KeyType, SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { digestAlgorithms, keyTypes, signatureAlgorithms } from '../algorithms/algorithms.ts'
import { parseDer } from '../asn1/parse.ts'
import { element, integer, sequence } from '../asn1/write.ts'
import { browserPlatform } from '../browser/browser-platform.ts'
import { concat, utf8 } from '../encoding/bytes.ts'
import { PlatformLacksAlgorithm } from '../platform/index.ts'
import { generateKey } from '../test-kit.ts'
import { digestSync, nodePlatform } from './node-platform.ts'

const DATA = utf8('data to be signed')
const DIGESTS = Object.keys(digestAlgorithms) as DigestAlgorithm[]

for (const [name, platform] of Object.entries({ nodePlatform, browserPlatform })) {
  describe(name, () => {
    it('digests at once and in pieces alike', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...DIGESTS),
          fc.array(fc.uint8Array({ maxLength: 300 })),
          async (algorithm, pieces) => {
            const whole = concat(...pieces)
            const expected = new Uint8Array(createHash(algorithm).update(whole).digest())
            const stream = platform.stream(algorithm)
            for (const piece of pieces) stream.update(piece)
            assert.deepEqual(stream.finish(), expected)
            assert.deepEqual(await platform.digest(algorithm, whole), expected)
            assert.equal(expected.length, digestAlgorithms[algorithm].size)
          },
        ),
        { numRuns: 50 },
      )
    })

    it('verifies signatures of every key type and algorithm, and none with a bit changed', async () => {
      for (const keyType of Object.keys(keyTypes) as KeyType[]) {
        const key = generateKey(keyType)
        for (const algorithm of keyTypes[keyType].signs) {
          const question = { algorithm, spki: key.spki, data: DATA, signature: key.sign(DATA, algorithm) }
          assert.equal(await platform.verify(question), true, algorithm)
          assert.equal(await platform.verify({ ...question, data: utf8('other') }), false)
          const changed = new Uint8Array(question.signature)
          changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1
          assert.equal(await platform.verify({ ...question, signature: changed }), false)
        }
      }
    })

    it('says false, not error, for another kind of key and for what is no key or signature', async () => {
      const ec = generateKey()
      const question = {
        algorithm: 'ecdsa-sha256',
        spki: ec.spki,
        data: DATA,
        signature: ec.sign(DATA),
      } as const
      const rsa = generateKey('rsa-3072')
      assert.equal(await platform.verify({ ...question, spki: rsa.spki }), false)
      assert.equal(await platform.verify({ ...question, algorithm: 'rsa-sha256' }), false)
      for (const bytes of [new Uint8Array(), Uint8Array.of(0x30, 0), sequence(integer(0), integer(0))]) {
        assert.equal(await platform.verify({ ...question, signature: bytes }), false)
        assert.equal(await platform.verify({ ...question, spki: bytes }), false)
      }
    })

    it('refuses other spellings of a good ECDSA signature', async () => {
      const ec = generateKey()
      const question = {
        algorithm: 'ecdsa-sha256',
        spki: ec.spki,
        data: DATA,
        signature: ec.sign(DATA),
      } as const
      const [r, s] = parseDer(question.signature).children.map(child => child.content)
      assert.ok(r !== undefined && s !== undefined)
      const spellings = [
        concat(question.signature, Uint8Array.of(0)),
        sequence(element(2, Uint8Array.of(0), Uint8Array.of(0), r), element(2, s)),
        concat(Uint8Array.of(0x30, 0x81, question.signature[1] ?? 0), question.signature.subarray(2)),
        sequence(element(2, r), element(2, s), element(5)),
        concat(r, s),
      ]
      for (const signature of spellings)
        assert.equal(await platform.verify({ ...question, signature }), false)
      assert.equal(
        await platform.verify({ ...question, signature: sequence(element(2, r), element(2, s)) }),
        true,
      )
    })

    it('refuses RSA-PSS where PKCS#1 v1.5 was named', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 })
      const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
      const pss = sign('sha256', DATA, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING })
      assert.equal(
        await platform.verify({ algorithm: 'rsa-sha256', spki, data: DATA, signature: new Uint8Array(pss) }),
        false,
      )
      const plain = sign('sha256', DATA, privateKey)
      assert.equal(
        await platform.verify({
          algorithm: 'rsa-sha256',
          spki,
          data: DATA,
          signature: new Uint8Array(plain),
        }),
        true,
      )
    })

    it('refuses algorithms it lacks, typed', async () => {
      // A name from outside the type, as configuration could bring it.
      const md5 = 'md5' as DigestAlgorithm
      const dsa = 'dsa-sha1' as SignatureAlgorithm
      await assert.rejects(platform.digest(md5, DATA), PlatformLacksAlgorithm)
      assert.throws(() => platform.stream(md5), PlatformLacksAlgorithm)
      await assert.rejects(platform.verify({ algorithm: dsa, spki: DATA, data: DATA, signature: DATA }), {
        code: 'platform-lacks-algorithm',
      })
    })
  })
}

describe('signatures with SHA-3 (RFC 9688)', () => {
  const KEYS = { ec: generateKey(), rsa: generateKey('rsa-3072') } as const
  const SHA3 = (Object.keys(signatureAlgorithms) as SignatureAlgorithm[]).filter(name =>
    name.includes('-sha3-'),
  )

  it('are verified in Node, and none with a bit changed', async () => {
    assert.equal(SHA3.length, 9)
    for (const algorithm of SHA3) {
      const { key: kind } = signatureAlgorithms[algorithm]
      const key = kind === 'ec' ? KEYS.ec : KEYS.rsa
      const question = { algorithm, spki: key.spki, data: DATA, signature: key.sign(DATA, algorithm) }
      assert.equal(await nodePlatform.verify(question), true, algorithm)
      assert.equal(await nodePlatform.verify({ ...question, data: utf8('other') }), false)
      const sha2 = `${algorithm.slice(0, algorithm.indexOf('sha3'))}sha256` as SignatureAlgorithm
      assert.equal(await nodePlatform.verify({ ...question, algorithm: sha2 }), false)
    }
  })

  it('are refused where WebCrypto cannot verify them, typed', async () => {
    for (const algorithm of SHA3) {
      const key = signatureAlgorithms[algorithm].key === 'ec' ? KEYS.ec : KEYS.rsa
      const question = { algorithm, spki: key.spki, data: DATA, signature: key.sign(DATA, algorithm) }
      await assert.rejects(browserPlatform.verify(question), PlatformLacksAlgorithm)
    }
  })
})

it('digestSync is the digest without a promise', async () => {
  for (const algorithm of DIGESTS)
    assert.deepEqual(digestSync(algorithm, DATA), await nodePlatform.digest(algorithm, DATA))
})
