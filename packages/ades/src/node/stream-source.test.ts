import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import { streamOf } from '../pdf/byte-source.ts'
import { openStreamSource } from './stream-source.ts'

const CONTENT = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 31) >>> 3)
const PIECE = 10_000

/** In pieces, and an error in front of the last where it is asked for. */
function streamed({ breaksOff = false } = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (breaksOff && at > CONTENT.length / 2) return controller.error(new Error('the line is dead'))
      if (at >= CONTENT.length) return controller.close()
      controller.enqueue(CONTENT.slice(at, at + PIECE))
      at += PIECE
    },
  })
}

const kept = () => readdirSync(tmpdir()).filter(name => name.startsWith('natsuin-document-'))

describe('a stream as a source', () => {
  it('reads the bytes that are asked for, in any order', async () => {
    const source = await openStreamSource(streamed())
    assert.equal(source.size, CONTENT.length)
    for (const offset of [CONTENT.length - 100, 0, 300_000])
      assert.deepEqual(await source.read(offset, 100), CONTENT.subarray(offset, offset + 100))
    await source.close()
  })

  it('goes on as a stream', async () => {
    const source = await openStreamSource(streamed())
    const bytes = new Uint8Array(await new Response(streamOf(source)).arrayBuffer())
    assert.deepEqual(bytes, CONTENT)
    await source.close()
  })

  it('leaves nothing on the disk', async () => {
    const before = new Set(kept())
    const source = await openStreamSource(streamed())
    const added = kept().filter(name => !before.has(name))
    await source.close()
    for (const name of added) assert.equal(existsSync(name), false)
    await assert.rejects(openStreamSource(streamed({ breaksOff: true })), /the line is dead/)
  })
})
