/** Base64 of pieces of any length. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { base64Of } from './base64-text.ts'

/** Through one buffer, as files are read. */
async function* through(buffer: Uint8Array, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const piece = bytes.subarray(at, at + buffer.length)
    buffer.set(piece)
    yield buffer.subarray(0, piece.length)
  }
}

it('base64 of pieces that are good until the next one is the base64 of the whole', async () => {
  for (const [length, ...sizes] of [
    [0, 1],
    [1, 1],
    [2, 1, 2],
    [4, 1, 2, 3],
    [100, 1, 2, 3, 7],
    [100_001, 10_000, 50_000],
  ] as const) {
    const bytes = randomBytes(length)
    for (const size of sizes) {
      let text = ''
      for await (const piece of base64Of(through(new Uint8Array(size), bytes))) text += piece
      assert.equal(text, bytes.toString('base64'), `${length} in pieces of ${size}`)
    }
  }
})
