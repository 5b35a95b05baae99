/** Base64 (RFC 4648, 4) of bytes that come in pieces of any length, in pieces of text. */

/** Longer texts stay in memory until all of it is looked through. */
const PIECE_BYTES = 3 * 8 * 1024

export async function* base64Of(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = new Uint8Array()
  for await (const piece of pieces) {
    const bytes =
      rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([rest, piece])
    const whole = bytes.length - (bytes.length % 3)
    for (let at = 0; at < whole; at += PIECE_BYTES) {
      yield bytes.toString('base64', at, Math.min(whole, at + PIECE_BYTES))
    }
    // A copy, which `slice` of a Buffer is not: the piece may be written over.
    rest = new Uint8Array(bytes.subarray(whole))
  }
  yield Buffer.from(rest).toString('base64')
}
