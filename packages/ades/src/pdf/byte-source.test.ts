import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import {
  appendedSource,
  type ByteSource,
  blobSource,
  bytesSource,
  digestRange,
  prefixSource,
  readAheadSource,
  streamOf,
  streamSource,
} from './byte-source.ts'

const CONTENT = Uint8Array.from({ length: 600_000 }, (_, i) => (i * 7919) >>> 5)
const cut = 300_000

const SOURCES: Readonly<Record<string, ByteSource>> = {
  bytes: bytesSource(CONTENT),
  blob: blobSource(new Blob([CONTENT])),
  appended: appendedSource(bytesSource(CONTENT.subarray(0, cut)), CONTENT.subarray(cut)),
  stream: await streamSource(new Blob([CONTENT]).stream()),
  'read ahead': readAheadSource(bytesSource(CONTENT)),
  prefix: prefixSource(bytesSource(Uint8Array.of(...CONTENT.subarray(0, 10), 1, 2)), 10),
}

describe('byte sources', () => {
  for (const [name, source] of Object.entries(SOURCES)) {
    it(`read the same bytes anywhere: ${name}`, async () => {
      const places = [0, 1, cut - 1, cut, cut + 1, source.size - 1].filter(at => at < source.size)
      for (const offset of places) {
        for (const length of [0, 1, 2, 100].map(wanted => Math.min(wanted, source.size - offset))) {
          assert.deepEqual(await source.read(offset, length), CONTENT.subarray(offset, offset + length))
        }
      }
    })
  }
})

describe('digestRange', () => {
  it('is the digest of the range, however many pieces it has', async () => {
    for (const length of [0, 1, 256 * 1024, 256 * 1024 + 1, CONTENT.length - 5]) {
      const digest = nodePlatform.stream('sha256')
      await digestRange(bytesSource(CONTENT), { offset: 5, length }, digest)
      assert.deepEqual(digest.finish(), await nodePlatform.digest('sha256', CONTENT.subarray(5, 5 + length)))
    }
  })
})

describe('streamOf', () => {
  it('is every byte once, in pieces, whatever the source does with its memory', async () => {
    const scratch = new Uint8Array(256 * 1024)
    const reusing: ByteSource = {
      size: CONTENT.length,
      read: async (offset, length) => {
        scratch.set(CONTENT.subarray(offset, offset + length))
        return scratch.subarray(0, length)
      },
    }
    const pieces: Uint8Array[] = []
    for await (const piece of streamOf(reusing)) pieces.push(piece)
    assert.equal(pieces.length, 3)
    assert.deepEqual(new Uint8Array(Buffer.concat(pieces)), CONTENT)
    assert.equal((await new Response(streamOf(bytesSource(new Uint8Array()))).arrayBuffer()).byteLength, 0)
  })
})

describe('readAheadSource', () => {
  it('reads neighbours once', async () => {
    let reads = 0
    const counting: ByteSource = {
      size: CONTENT.length,
      read: async (offset, length) => {
        reads += 1
        return CONTENT.subarray(offset, offset + length)
      },
    }
    const source = readAheadSource(counting)
    for (let offset = 0; offset < 60_000; offset += 100) await source.read(offset, 2048)
    assert.equal(reads, 1)
  })
})
