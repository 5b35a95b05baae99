/** Indirect objects as they stand in the file: ISO 32000-2, 7.3.10, and the head of streams, 7.3.8. */
import type { ByteSource } from './byte-source.ts'
import type { PdfLimits } from './limits.ts'
import { isDictionary, type PdfObject, type PdfStream } from './objects.ts'
import type { PdfParser } from './parser.ts'
import { PdfRefusal } from './refusal.ts'
import { parseAt } from './window.ts'

export interface IndirectObject {
  readonly number: number
  readonly generation: number
  readonly value: PdfObject | PdfStream
}

/** The object at the offset; `undefined` when no object begins exactly there. */
export function readIndirectObject(
  source: ByteSource,
  offset: number,
  limits: PdfLimits,
): Promise<IndirectObject | undefined> {
  return parseAt(source, offset, limits, parser => {
    const header = parser.objectHeader()
    return header === undefined ? undefined : { ...header, value: body(parser) }
  })
}

function body(parser: PdfParser): PdfObject | PdfStream {
  const value = parser.object()
  if (parser.keyword('endobj')) return value
  if (!isDictionary(value) || !parser.keyword('stream')) {
    throw new PdfRefusal('malformed-structure', `endobj was expected, offset ${parser.offset}`)
  }
  parser.streamEndOfLine()
  return { type: 'stream', dictionary: value, dataOffset: parser.offset }
}
