/**
 * Where a document's bytes come from. Everything that reads a document asks for pieces of it, so that memory
 * does not grow with the file.
 */
import type { StreamingDigest } from '@natsuin/pki/platform'

export interface ByteSource {
  /** Length in bytes; does not change while the source is in use. */
  readonly size: number
  /**
   * The bytes from `offset` on, exactly `length` of them. Callers stay within `size`.
   *
   * The result is only good until the next call: a source may reuse its memory.
   */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** A document that is in memory already. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

/** A document the user chose in a browser; pieces are read from disk as they are needed. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  }
}

/**
 * A document that comes as a stream. It has to be read in any order, so the platform keeps it as a Blob, which browsers put
 * on disk when it is large; in Node `openStreamSource` of `@natsuin/ades/node` does that.
 */
export async function streamSource(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<ByteSource> {
  return blobSource(await new Response(stream).blob())
}

/** The bytes of a source as a stream, in pieces: a signed document on its way, `appendedSource(document, update)` for one. */
export function streamOf(source: ByteSource): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0
  return new ReadableStream({
    async pull(controller) {
      if (at === source.size) return controller.close()
      const piece = await source.read(at, Math.min(PIECE, source.size - at))
      at += piece.length
      // A copy, because the source may reuse its memory while the piece is on its way.
      controller.enqueue(new Uint8Array(piece))
    },
  })
}

/** The first `size` bytes of a source: an earlier revision of the document. */
export function prefixSource(source: ByteSource, size: number): ByteSource {
  return { size: Math.min(size, source.size), read: (offset, length) => source.read(offset, length) }
}

/** The bytes of a source from `start` to `end`, exclusive. */
export function sliceSource(source: ByteSource, start: number, end: number): ByteSource {
  return { size: end - start, read: (offset, length) => source.read(start + offset, length) }
}

/** A source followed by the bytes of an update, without copying either. */
export function appendedSource(source: ByteSource, update: Uint8Array): ByteSource {
  return joinedSource(source, bytesSource(update))
}

/** Two sources, one behind the other. */
export function joinedSource(first: ByteSource, second: ByteSource): ByteSource {
  return {
    size: first.size + second.size,
    read: async (offset, length) => {
      if (offset >= first.size) return second.read(offset - first.size, length)
      if (offset + length <= first.size) return first.read(offset, length)
      // A copy, because a source may reuse its memory, and both may be of one.
      const head = (await first.read(offset, first.size - offset)).slice()
      return joined(head, await second.read(0, length - head.length))
    },
  }
}

/**
 * The same source with fewer reads: what lies behind a small piece is read with it, since objects that belong
 * together mostly stand together. A document of many pages takes one read for hundreds of them.
 */
export function readAheadSource(source: ByteSource): ByteSource {
  let window = new Uint8Array()
  let start = 0
  return {
    size: source.size,
    read: async (offset, length) => {
      if (length > READ_AHEAD) return source.read(offset, length)
      if (offset < start || offset + length > start + window.length) {
        // A copy, because the source may reuse its memory.
        window = (await source.read(offset, Math.min(READ_AHEAD, source.size - offset))).slice()
        start = offset
      }
      return window.subarray(offset - start, offset - start + length)
    },
  }
}

const READ_AHEAD = 64 * 1024

/** Feeds the range to the digest in pieces. Two pieces of this size are all that is ever in memory. */
export async function digestRange(
  source: ByteSource,
  range: { readonly offset: number; readonly length: number },
  digest: StreamingDigest,
): Promise<void> {
  const end = range.offset + range.length
  for (let at = range.offset; at < end; at += PIECE) {
    digest.update(await source.read(at, Math.min(PIECE, end - at)))
  }
}

// Large enough that the cost per piece vanishes, small enough that the garbage of a 100 MiB file stays small.
const PIECE = 256 * 1024

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}
