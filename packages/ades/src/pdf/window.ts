/**
 * Runs a parser on a window of the file that grows until the object fits, within a limit.
 *
 * Most objects are a few hundred bytes; reading more at once would cost more than the rare second attempt.
 */
import type { ByteSource } from './byte-source.ts'
import type { PdfLimits } from './limits.ts'
import { PdfParser, WindowExhausted } from './parser.ts'
import { PdfRefusal } from './refusal.ts'

const FIRST_WINDOW = 2048
const GROWTH = 8

/** What `read` returns for a parser placed at `offset`. `read` is called again from scratch on a larger window. */
export async function parseAt<T>(
  source: ByteSource,
  offset: number,
  limits: PdfLimits,
  read: (parser: PdfParser) => T,
): Promise<T> {
  if (offset > source.size) throw new PdfRefusal('broken-xref', `offset ${offset} is beyond the file`)
  for (let length = FIRST_WINDOW; ; length = Math.min(length * GROWTH, limits.objectBytes)) {
    const complete = offset + length >= source.size
    const bytes = await source.read(offset, Math.min(length, source.size - offset))
    try {
      return read(new PdfParser({ bytes, base: offset, complete, depth: limits.depth }))
    } catch (error) {
      if (!(error instanceof WindowExhausted)) throw error
      if (length >= limits.objectBytes) throw new PdfRefusal('limit-exceeded', `object at offset ${offset}`)
    }
  }
}
