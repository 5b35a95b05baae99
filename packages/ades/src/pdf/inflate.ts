/**
 * FlateDecode with a limit (ISO 32000-2, 7.4.4). The platform inflates, in a browser as in Node; we count.
 */
import { concat } from '@natsuin/pki/encoding'
import { PdfRefusal } from './refusal.ts'

/**
 * The inflated bytes of a zlib stream (RFC 1950).
 *
 * @param limit  most bytes that may come out
 * @throws PdfRefusal `limit-exceeded` as soon as more come out, `malformed-structure` for broken data
 */
export type Inflate = (deflated: Uint8Array, limit: number) => Promise<Uint8Array>

export const inflate: Inflate = async (deflated, limit) => {
  const pieces: Uint8Array[] = []
  let total = 0
  for await (const piece of inflatedPieces(deflated)) {
    total += piece.length
    if (total > limit) throw new PdfRefusal('limit-exceeded', 'inflated stream')
    pieces.push(piece)
  }
  return concat(...pieces)
}

/** Leaving the loop early cancels the stream, so a bomb stops at the limit. */
async function* inflatedPieces(deflated: Uint8Array): AsyncGenerator<Uint8Array> {
  const reader = new Blob([deflated.slice()])
    .stream()
    .pipeThrough(new DecompressionStream('deflate'))
    .getReader()
  try {
    for (let piece = await next(reader); piece !== undefined; piece = await next(reader)) yield piece
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value
  } catch {
    throw new PdfRefusal('malformed-structure', 'a stream that does not inflate')
  }
}
