import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyTypes } from './algorithms.ts'
import { joseAlgorithm, joseDigest, joseDigestName, joseNameOf } from './jose.ts'

describe('the names of JSON signatures', () => {
  it('lead from every algorithm of every key type to one name and back', () => {
    for (const { curve, signs } of Object.values(keyTypes))
      for (const algorithm of signs) {
        const name = joseNameOf(algorithm, curve)
        assert.ok(name)
        assert.deepEqual(joseAlgorithm(name), { algorithm, ...(curve === undefined ? {} : { curve }) })
      }
  })

  it('of digests do, too (TS 119 182-1 V1.2.1, annex E)', () => {
    const NAMES = {
      S256: 'sha256',
      S384: 'sha384',
      S512: 'sha512',
      'S3-256': 'sha3-256',
      'S3-512': 'sha3-512',
    } as const
    for (const [name, digest] of Object.entries(NAMES)) {
      assert.equal(joseDigest(name), digest)
      assert.equal(joseDigestName(digest), name)
    }
  })

  it('are none for what is no signature by a certified key', () => {
    for (const name of ['none', 'HS256', 'RS1', 'toString', '']) assert.equal(joseAlgorithm(name), undefined)
    for (const name of ['S1', 'S224', 'sha-256', 'toString']) assert.equal(joseDigest(name), undefined)
    assert.equal(joseNameOf('ecdsa-sha512', 'P-256'), undefined)
    assert.equal(joseNameOf('ecdsa-sha3-256', 'P-256'), undefined)
  })
})
