/**
 * The digest that a signature over a prepared document will carry, from the document alone.
 *
 * This is what the approval page computes: it must not believe whoever prepared the document, so it checks that
 * the ByteRange covers everything but one string of zeros (ISO 32000-2, 12.8.1). Then nothing the reader sees
 * can be outside the digest, wherever in the file's structure the string stands.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { concat } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type ByteSource, digestRange } from '../pdf/byte-source.ts'
import { PdfRefusal } from '../pdf/refusal.ts'
import type { ByteRange } from './signature-dictionary.ts'

export interface PreparedDigest {
  readonly byteRange: ByteRange
  /** Equals the messageDigest attribute of the signature that was prepared for this document. */
  readonly digest: Uint8Array<ArrayBuffer>
}

/**
 * @throws PdfRefusal `no-prepared-signature` unless the last ByteRange of the file covers all of it except a
 *   string of zeros
 */
export async function digestOfPreparedPdf(
  source: ByteSource,
  platform: Digest,
  algorithm: DigestAlgorithm = 'sha256',
): Promise<PreparedDigest> {
  const byteRange = await lastByteRange(source)
  await checkGapIsEmpty(source, byteRange)
  return { byteRange, digest: await digestOfRanges(source, byteRange, platform, algorithm) }
}

/**
 * The digest over the two ranges: in pieces, or at once where they are short. WebCrypto has no digest in pieces, and
 * at once it is many times faster than what replaces it.
 */
export async function digestOfRanges(
  source: ByteSource,
  [firstOffset, firstLength, secondOffset, secondLength]: ByteRange,
  platform: Digest,
  algorithm: DigestAlgorithm,
): Promise<Uint8Array<ArrayBuffer>> {
  if (firstLength + secondLength <= AT_ONCE) {
    const head = (await source.read(firstOffset, firstLength)).slice()
    return platform.digest(algorithm, concat(head, await source.read(secondOffset, secondLength)))
  }
  const digest = platform.stream(algorithm)
  await digestRange(source, { offset: firstOffset, length: firstLength }, digest)
  await digestRange(source, { offset: secondOffset, length: secondLength }, digest)
  return digest.finish()
}

const AT_ONCE = 4 * 1024 * 1024
const PIECE = 256 * 1024
// Longer than any ByteRange entry, so that one which lies across two pieces is whole in the first or the second.
const OVERLAP = 256
const BYTE_RANGE = /\/ByteRange\s*\[\s*0\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/g

/** Searches from the end: a prepared signature is in the last update. */
async function lastByteRange(source: ByteSource): Promise<ByteRange> {
  for (let end = source.size; end > 0; end -= PIECE) {
    const from = Math.max(0, end - PIECE - OVERLAP)
    const text = await textOf(source, from, end)
    const found = [...text.matchAll(BYTE_RANGE)].at(-1)
    if (found !== undefined) return tiling(source, found.slice(1).map(Number))
  }
  throw new PdfRefusal('no-prepared-signature', 'no ByteRange')
}

function tiling({ size }: ByteSource, [first, second, length]: readonly number[]): ByteRange {
  if (
    first === undefined ||
    second === undefined ||
    length === undefined ||
    first >= second ||
    second + length !== size
  ) {
    throw new PdfRefusal('no-prepared-signature', 'the last ByteRange does not cover the file')
  }
  return [0, first, second, length]
}

// The longest placeholder that is believed: a megabyte of signature.
const MAX_GAP = 2 * 1024 * 1024

/** The zeros must be the value of a Contents entry: zeros that are drawn on a page could be written over later. */
async function checkGapIsEmpty(source: ByteSource, [, start, end]: ByteRange): Promise<void> {
  if (end - start > MAX_GAP) throw new PdfRefusal('no-prepared-signature', 'the gap is too long')
  const key = await textOf(source, Math.max(0, start - KEY_BYTES), start)
  const gap = await textOf(source, start, end)
  if (!/\/Contents[\0\t\n\f\r ]*$/.test(key) || !/^<(?:00)+>$/.test(gap)) {
    throw new PdfRefusal('no-prepared-signature', 'the gap is not an empty Contents')
  }
}

// `/Contents` and the white space that may follow it.
const KEY_BYTES = 16

/** One character per byte. */
async function textOf(source: ByteSource, start: number, end: number): Promise<string> {
  return new TextDecoder('latin1').decode(await source.read(start, end - start))
}
