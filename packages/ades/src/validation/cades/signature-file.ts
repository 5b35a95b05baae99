/**
 * A signature file under validation, and the content it is over: inside it, or given beside it (RFC 5652, 5.2).
 *
 * Both at once would let a signature over one be shown for the other.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import {
  CONTENT_HEAD_BYTES,
  type ContentExtent,
  contentExtentIn,
  detachedForm,
  parseSignedData,
  type SignedData,
} from '@natsuin/pki/cms'
import type { Digest } from '@natsuin/pki/platform'
import type { ByteSource } from '../../pdf/byte-source.ts'
import type { Content } from '../../signing/content.ts'
import { ValidationEnded } from '../verdict.ts'

export interface SignatureFile {
  /** Without the content. */
  readonly signedData: SignedData
  readonly content: Content
}

/** @throws ValidationEnded, DerError */
export async function openSignatureFile(
  source: ByteSource,
  beside: Content | undefined,
): Promise<SignatureFile> {
  const head = (await source.read(0, Math.min(CONTENT_HEAD_BYTES, source.size))).slice()
  const extent = contentExtentIn(head, source.size)
  const tail = (await source.read(extent?.end ?? 0, source.size - (extent?.end ?? 0))).slice()
  const der = extent === undefined ? tail : detachedForm(head.subarray(0, extent.start), tail, extent)
  const inside = extent === undefined ? undefined : contentOf(source, extent)
  if (inside !== undefined && beside !== undefined)
    throw new ValidationEnded('FORMAT_FAILURE', 'content-ambiguous')
  const content = inside ?? beside
  if (content === undefined) throw new ValidationEnded('SIGNED_DATA_NOT_FOUND', 'content-missing')
  const signedData = parseSignedData(der)
  // EN 319 122-1 V1.3.1, 6.3, requirement f.
  if (signedData.contentType !== OID.data) throw new ValidationEnded('FORMAT_FAILURE', 'content type')
  return { signedData, content }
}

function contentOf(source: ByteSource, { start, end }: ContentExtent): ByteSource {
  return { size: end - start, read: (offset, length) => source.read(start + offset, length) }
}

/** The digests of the content, in one pass; without those that cannot be had. */
export async function contentDigests(
  content: Content,
  algorithms: ReadonlySet<DigestAlgorithm>,
  platform: Digest,
): Promise<ReadonlyMap<DigestAlgorithm, Uint8Array>> {
  if ('digest' in content) return new Map([[content.digestAlgorithm, content.digest]])
  const digests = [...algorithms].map(algorithm => ({ algorithm, digest: platform.stream(algorithm) }))
  for await (const piece of 'size' in content ? pieces(content) : content)
    for (const { digest } of digests) digest.update(piece)
  return new Map(digests.map(({ algorithm, digest }) => [algorithm, digest.finish()]))
}

const PIECE = 256 * 1024

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += PIECE) yield source.read(at, Math.min(PIECE, source.size - at))
}
