/** The first bytes of a source, read in windows: objects that belong together mostly stand together. */
import type { ByteSource } from '../../pdf/byte-source.ts'

const WINDOW = 64 * 1024

/** @param size  where the revision ends; not beyond the source */
export function revisionSource(source: ByteSource, size: number): ByteSource {
  let window = new Uint8Array()
  let start = 0
  return {
    size,
    read: async (offset, length) => {
      if (length > WINDOW) return source.read(offset, length)
      if (offset < start || offset + length > start + window.length) {
        // A copy, because the source may reuse its memory.
        window = (await source.read(offset, Math.min(WINDOW, size - offset))).slice()
        start = offset
      }
      return window.subarray(offset - start, offset - start + length)
    },
  }
}
