import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { isSound, SAMPLE_LENGTH } from './generator.ts'

describe('a sample of random octets (T-KEY-15)', () => {
  it('is sound from a sound generator', () => {
    let before: Uint8Array | undefined
    for (let i = 0; i < 10_000; i++) {
      const sample = new Uint8Array(randomBytes(SAMPLE_LENGTH))
      assert.ok(isSound(sample, before))
      before = sample
    }
  })

  it('is not sound when it is the one of before', () => {
    const sample = new Uint8Array(randomBytes(SAMPLE_LENGTH))
    assert.ok(isSound(sample, undefined))
    assert.ok(!isSound(sample, Uint8Array.from(sample)))
  })

  it('is not sound with six equal octets in a row, wherever they are, and with five it is', () => {
    const sample = Uint8Array.from({ length: SAMPLE_LENGTH }, (_, i) => i)
    for (let at = 0; at + 6 <= SAMPLE_LENGTH; at++) {
      assert.ok(!isSound(sample.slice().fill(200, at, at + 6), undefined))
      assert.ok(isSound(sample.slice().fill(200, at, at + 5), undefined))
    }
  })
})
