/**
 * What is signed where the format leaves it as it is: a file, bytes, a stream, or only its digest where the content
 * stays with somebody else. It is read once, in pieces, however many digests are asked for.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import type { Digest } from '@natsuin/pki/platform'
import type { ByteSource } from '../pdf/byte-source.ts'

/** A content that only its digest is known of. */
export interface DigestedContent {
  readonly digestAlgorithm: DigestAlgorithm
  readonly digest: Uint8Array
}

export type Content = ByteSource | AsyncIterable<Uint8Array> | DigestedContent

export type Digests = ReadonlyMap<DigestAlgorithm, Uint8Array>

/**
 * The digests of a content. A stream is used up by this.
 *
 * @returns those that can be had: of a content that only a digest is known of no other one
 */
export async function digestsOf(
  content: Content,
  algorithms: Iterable<DigestAlgorithm>,
  platform: Digest,
): Promise<Digests> {
  const wanted = new Set(algorithms)
  if ('digest' in content) {
    const { digestAlgorithm, digest } = content
    return new Map(wanted.has(digestAlgorithm) ? [[digestAlgorithm, digest]] : [])
  }
  if ('size' in content && content.size <= AT_ONCE) return digestsOfBytes(content, wanted, platform)
  const digests = [...wanted].map(algorithm => [algorithm, platform.stream(algorithm)] as const)
  for await (const piece of 'size' in content ? piecesOf(content) : content)
    for (const [, digest] of digests) digest.update(piece)
  return new Map(digests.map(([algorithm, digest]) => [algorithm, digest.finish()]))
}

/** WebCrypto has no digest in pieces, and at once it is many times faster than what replaces it. */
async function digestsOfBytes(content: ByteSource, wanted: ReadonlySet<DigestAlgorithm>, platform: Digest) {
  const digests = new Map<DigestAlgorithm, Uint8Array>()
  const bytes = (await content.read(0, content.size)).slice()
  for (const algorithm of wanted) digests.set(algorithm, await platform.digest(algorithm, bytes))
  return digests
}

const AT_ONCE = 4 * 1024 * 1024
const PIECE = 256 * 1024

/** The source from its beginning to its end; each piece is only good until the next one. */
export async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += PIECE) yield source.read(at, Math.min(PIECE, source.size - at))
}
