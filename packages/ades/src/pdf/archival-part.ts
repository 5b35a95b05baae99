/** Which part of PDF/A a document says it follows: its metadata, an XMP packet, have `pdfaid:part` (ISO 19005-1, 6.7.11). */
import type { PdfDocument } from './document.ts'
import { asCount, isReference, isStream, type PdfDictionary, type PdfReference } from './objects.ts'
import { PdfRefusal } from './refusal.ts'

const FIRST_PART = /<pdfaid:part>\s*1\s*<\/pdfaid:part>|\bpdfaid:part\s*=\s*["']1["']/
/** Packets are a few kilobytes long. */
const MAX_PACKET_BYTES = 1024 * 1024

/**
 * Whether it says so of the first part, whose metadata are not filtered and which is not encrypted (ISO 19005-1, 6.7.2 and
 * 6.1.3). Metadata that cannot be read say nothing: they are no reason to refuse the document.
 */
export async function isFirstPartOfPdfA(document: PdfDocument, catalog: PdfDictionary): Promise<boolean> {
  const reference = catalog.entries.get('Metadata')
  if (!isReference(reference) || document.security !== undefined) return false
  try {
    return FIRST_PART.test(await packetAt(document, reference))
  } catch (error) {
    if (error instanceof PdfRefusal) return false
    throw error
  }
}

async function packetAt(document: PdfDocument, reference: PdfReference): Promise<string> {
  const stream = await document.resolve(reference)
  if (!isStream(stream) || stream.dictionary.entries.has('Filter')) return ''
  const length = asCount(await document.resolve(stream.dictionary.entries.get('Length'))) ?? 0
  return length > MAX_PACKET_BYTES ? '' : new TextDecoder().decode(await document.data(reference))
}
