/** Octets of any length, read in pieces; what signs has its own way to do this. */
import type { StreamingDigest } from '@natsuin/pki/platform'
import type { ByteSource } from '../../pdf/byte-source.ts'

export function inMemory(octets: Uint8Array): ByteSource {
  return { size: octets.length, read: async (offset, length) => octets.subarray(offset, offset + length) }
}

/** Every octet of the source, once and in order. */
export async function feed(source: ByteSource, digest: StreamingDigest): Promise<void> {
  for (let at = 0; at < source.size; at += PIECE)
    digest.update(await source.read(at, Math.min(PIECE, source.size - at)))
}

const PIECE = 256 * 1024
