/**
 * Checks that an object begins wherever the cross-references say that one does (ISO 32000-2, 7.5.4).
 *
 * Readers rebuild the whole table by searching the file when they meet one wrong offset. Then they may find
 * older or hidden objects, and show another document than a reader that did not; such files are refused.
 */
import type { ByteSource } from './byte-source.ts'
import { PdfParser, WindowExhausted } from './parser.ts'
import { PdfRefusal } from './refusal.ts'
import type { XrefTable } from './xref-table.ts'

// `N G obj` with room for some white space and comments; neighbouring objects share a window.
const HEAD_BYTES = 64
const WINDOW_BYTES = 64 * 1024

export async function checkObjectPositions(source: ByteSource, table: XrefTable): Promise<void> {
  const { numbers, offsets } = table.objectsByOffset()
  for (let from = 0; from < numbers.length; ) {
    const base = offsets[from] ?? 0
    if (base >= source.size) throw new PdfRefusal('broken-xref', `object ${numbers[from]} is beyond the file`)
    const bytes = await source.read(base, Math.min(WINDOW_BYTES, source.size - base))
    const last = Math.max(base, base + bytes.length - HEAD_BYTES)
    for (; from < numbers.length && (offsets[from] ?? 0) <= last; from++) {
      checkHead(bytes, (offsets[from] ?? 0) - base, table, numbers[from] ?? 0)
    }
  }
}

function checkHead(bytes: Uint8Array, at: number, table: XrefTable, number: number): void {
  const header = headerAt(bytes.subarray(at, at + HEAD_BYTES))
  const entry = table.entry(number)
  const generation = entry.kind === 'offset' ? entry.generation : undefined
  if (header?.number !== number || header.generation !== generation) {
    throw new PdfRefusal('broken-xref', `object ${number} does not begin at its offset`)
  }
}

function headerAt(bytes: Uint8Array) {
  const [first] = bytes
  if (first === undefined || first < 0x30 || first > 0x39) return undefined
  try {
    return new PdfParser({ bytes, base: 0, complete: false, depth: 1 }).objectHeader()
  } catch (error) {
    if (error instanceof WindowExhausted) return undefined
    throw error
  }
}
