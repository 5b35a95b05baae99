import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deflateSync } from 'node:zlib'
import { inflate } from './inflate.ts'

const MEBIBYTE = 1024 * 1024

describe('inflate', () => {
  it('gives back what was deflated', async () => {
    const plain = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >>> 7)
    assert.deepEqual(await inflate(new Uint8Array(deflateSync(plain)), plain.length), plain)
    assert.deepEqual(await inflate(new Uint8Array(deflateSync(new Uint8Array())), 0), new Uint8Array())
  })

  it('refuses one byte more than the limit', async () => {
    const deflated = new Uint8Array(deflateSync(new Uint8Array(1000)))
    assert.equal((await inflate(deflated, 1000)).length, 1000)
    await assert.rejects(inflate(deflated, 999), { code: 'limit-exceeded' })
  })

  it('stops a bomb at the limit (T-PDF-09)', async () => {
    const bomb = new Uint8Array(deflateSync(new Uint8Array(256 * MEBIBYTE)))
    const before = process.memoryUsage().arrayBuffers
    await assert.rejects(inflate(bomb, MEBIBYTE), { code: 'limit-exceeded' })
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 * MEBIBYTE)
  })

  it('refuses data that is broken, cut short or followed by something', async () => {
    const deflated = new Uint8Array(deflateSync(new Uint8Array(1000)))
    const broken = [
      deflated.with(deflated.length - 1, (deflated.at(-1) ?? 0) ^ 1),
      deflated.subarray(0, -1),
      Uint8Array.of(...deflated, 0),
      Uint8Array.of(1, 2, 3),
      new Uint8Array(),
    ]
    for (const data of broken) await assert.rejects(inflate(data, MEBIBYTE), { code: 'malformed-structure' })
  })
})
