/**
 * An incremental update with a signature dictionary in it, and the signature put into its place afterwards:
 * ISO 32000-2, 12.8.1. Signatures and document time-stamps alike.
 */
import { concat, toHex, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { PdfDocument } from '../pdf/document.ts'
import { buildIncrementalUpdate, type ChangedObject } from '../pdf/incremental-update.ts'
import { isArray, isDictionary, isString, type PdfDictionary, pdfReference } from '../pdf/objects.ts'
import { PdfRefusal } from '../pdf/refusal.ts'
import type { PlacedSignature } from '../pdf/signature-field.ts'
import { type ByteRange, byteRangeText, withRoom } from './signature-dictionary.ts'

export interface UpdateOptions {
  readonly platform: Digest
  /** What tells this update from any other of the same document. */
  readonly seed: Uint8Array
}

export interface SignedUpdate {
  /** Goes behind the document; Contents is all zeros. */
  readonly update: Uint8Array
  readonly byteRange: ByteRange
}

export interface SignatureRoom {
  /** Of the signature dictionary, ByteRange and Contents apart. */
  readonly entries: PdfDictionary
  /** How many bytes the signature may have. */
  readonly contentsBytes: number
}

export async function buildSignedUpdate(
  document: PdfDocument,
  { signatureNumber, changes }: PlacedSignature,
  { entries, contentsBytes }: SignatureRoom,
  options: UpdateOptions,
): Promise<SignedUpdate> {
  const written = await encryptedEntries(document, entries, signatureNumber)
  const { body, byteRangeAt, contentsAt } = withRoom(written, contentsBytes)
  const signature = { number: signatureNumber, generation: 0, body }
  const update = await buildUpdate(document, [signature, ...changes], options)
  const bodyAt = update.bodyOffsets.get(signatureNumber) ?? 0
  const size = document.source.size + update.bytes.length
  // The body ends with `>` of Contents and `>>` of the dictionary.
  const gapEnd = bodyAt + body.length - '>>'.length
  const byteRange: ByteRange = [0, bodyAt + contentsAt, gapEnd, size - gapEnd]
  update.bytes.set(utf8(byteRangeText(byteRange)), bodyAt + byteRangeAt - document.source.size)
  return { update: update.bytes, byteRange }
}

/** In an encrypted document the strings of the dictionary are encrypted, and Contents alone is not (7.6.2). */
async function encryptedEntries(
  { security }: PdfDocument,
  entries: PdfDictionary,
  number: number,
): Promise<PdfDictionary> {
  const encrypted = await security?.encryptedValue(entries, pdfReference(number))
  return isDictionary(encrypted) ? encrypted : entries
}

/** An update whose file identifier follows from what it changes. */
export async function buildUpdate(
  document: PdfDocument,
  changes: readonly ChangedObject[],
  { platform, seed }: UpdateOptions,
) {
  return buildIncrementalUpdate(document, changes, await fileId(document, { platform, seed }))
}

/** 14.4: the second half of ID changes with every update; derived, so that preparing twice gives the same bytes. */
async function fileId(document: PdfDocument, { platform, seed }: UpdateOptions): Promise<Uint8Array> {
  const id = document.trailer.entries.get('ID')
  const halves = isArray(id) ? id.items.filter(isString).map(half => half.bytes) : []
  const digest = await platform.digest('sha256', concat(...halves, utf8(`${document.source.size} `), seed))
  return digest.subarray(0, 16)
}

/** The zeros behind the CMS stay: Contents keeps its length, or ByteRange would no longer be true. */
export function filledIn(
  { update, originalSize, byteRange }: SignedUpdate & { readonly originalSize: number },
  cms: Uint8Array,
): Uint8Array {
  const [, gapStart, gapEnd] = byteRange
  const digits = toHex(cms)
  if (digits.length > gapEnd - gapStart - '<>'.length) throw new PdfRefusal('signature-space-exceeded')
  const completed = update.slice()
  completed.set(utf8(digits), gapStart - originalSize + '<'.length)
  return completed
}
