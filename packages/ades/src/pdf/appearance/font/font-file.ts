/**
 * The tables of a TrueType font, alone in its file or in a collection (ISO/IEC 14496-22:2019, 4.5 and 4.6): read strictly,
 * every access within the table's bounds.
 *
 * TrueType outlines only: docs/decisions/font-subsets.md says why not the other kind (CFF).
 */
import { PdfRefusal } from '../../refusal.ts'

const TRUE_TYPE = 0x00010000
const APPLE_TRUE_TYPE = 0x74727565
const COMPACT_OUTLINES = 0x4f54544f
const COLLECTION = 0x74746366
const MAX_TABLES = 64

export class FontFile {
  readonly #tables = new Map<string, DataView>()

  /**
   * @param number  of a collection, from 0 on
   * @throws PdfRefusal `font-unsupported`; RangeError where it is damaged
   */
  constructor(bytes: Uint8Array, number = 0) {
    const view = viewOf(bytes, 0, bytes.length)
    const start = startOfFont(view, number)
    const version = view.getUint32(start)
    if (version === COMPACT_OUTLINES) throw new PdfRefusal('font-unsupported', 'its outlines are CFF')
    if (version !== TRUE_TYPE && version !== APPLE_TRUE_TYPE)
      throw new PdfRefusal('font-unsupported', 'not a TrueType font')
    const count = view.getUint16(start + 4)
    if (count > MAX_TABLES) throw new PdfRefusal('font-unsupported', 'too many tables')
    for (let i = 0; i < count; i++) this.#addTable(bytes, view, start + 12 + 16 * i)
  }

  /** @throws PdfRefusal `font-unsupported` when there is none of that name */
  table(name: string): DataView {
    const table = this.#tables.get(name)
    if (table === undefined) throw new PdfRefusal('font-unsupported', `it has no ${name} table`)
    return table
  }

  has(name: string): boolean {
    return this.#tables.has(name)
  }

  #addTable(bytes: Uint8Array, view: DataView, at: number): void {
    const name = String.fromCharCode(...[0, 1, 2, 3].map(i => view.getUint8(at + i)))
    if (this.#tables.has(name)) throw new PdfRefusal('font-unsupported', `it has two ${name} tables`)
    this.#tables.set(name, viewOf(bytes, view.getUint32(at + 8), view.getUint32(at + 12)))
  }
}

/** A collection lists where each of its fonts begins; offsets of tables count from the start of the file in either case. */
function startOfFont(view: DataView, number: number): number {
  const count = view.getUint32(0) === COLLECTION ? view.getUint32(8) : undefined
  if (number >= (count ?? 1)) throw new PdfRefusal('font-unsupported', `it has no font ${number}`)
  return count === undefined ? 0 : view.getUint32(12 + 4 * number)
}

function viewOf(bytes: Uint8Array, offset: number, length: number): DataView {
  if (offset + length > bytes.length) throw new RangeError('a table beyond the end of the font')
  return new DataView(bytes.buffer, bytes.byteOffset + offset, length)
}

/** The bytes of a view. */
export function bytesOf({ buffer, byteOffset }: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + from, to - from)
}
