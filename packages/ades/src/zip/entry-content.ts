/** The content of an entry in pieces, checked against what the entry says of it while it is read. */
import type { ByteSource } from '../pdf/byte-source.ts'
import { Crc32 } from './crc32.ts'
import { ZipRefusal } from './refusal.ts'

export interface EntryContent {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly size: number
  readonly crc: number
  readonly compressed: boolean
}

const PIECE = 256 * 1024

/** @throws ZipRefusal `zip-content-damaged` as soon as there is more than the entry says, or at the end */
export async function* contentOf(source: ByteSource, entry: EntryContent): AsyncGenerator<Uint8Array> {
  const crc = new Crc32()
  let size = 0
  const raw = piecesBetween(source, entry)
  for await (const piece of entry.compressed ? inflated(raw, entry.name) : raw) {
    crc.update(piece)
    size += piece.length
    if (size > entry.size) throw new ZipRefusal('zip-content-damaged', entry.name)
    yield piece
  }
  if (size !== entry.size || crc.value !== entry.crc) throw new ZipRefusal('zip-content-damaged', entry.name)
}

async function* piecesBetween(source: ByteSource, { start, end }: EntryContent): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE) yield source.read(at, Math.min(PIECE, end - at))
}

async function* inflated(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]()
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) controller.close()
      // A copy, because the source may reuse its memory.
      else controller.enqueue(new Uint8Array(value))
    },
  })
  const reader = compressed.pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } catch (error) {
    // DecompressionStream throws a TypeError for what is no deflate.
    if (error instanceof TypeError) throw new ZipRefusal('zip-content-damaged', name)
    throw error
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
