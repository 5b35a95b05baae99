/** The octets with which an object contributes: itself, or its base64url where b64 is not false (5.2.8.3). */
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { ByteSource } from '../pdf/byte-source.ts'

// A multiple of three, so that pieces of base64url are the base64url of the whole.
const PIECE = 3 * 64 * 1024

export async function* objectOctets(source: ByteSource, encoded: boolean): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += PIECE) {
    const piece = await source.read(at, Math.min(PIECE, source.size - at))
    yield encoded ? utf8(toBase64url(piece)) : piece
  }
}
