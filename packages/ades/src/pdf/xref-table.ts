/**
 * Where each object is: the merged cross-reference information of all sections (ISO 32000-2, 7.5.4, 7.5.8).
 *
 * Kept in typed arrays: eleven bytes an object, so that a million objects do not cost a hundred megabytes.
 */
import { PdfRefusal } from './refusal.ts'

export type XrefEntry =
  | { readonly kind: 'free' }
  | { readonly kind: 'offset'; readonly offset: number; readonly generation: number }
  | { readonly kind: 'compressed'; readonly stream: number; readonly index: number }

const KINDS = ['unset', 'free', 'offset', 'compressed'] as const
const UNSET = 0

export class XrefTable {
  readonly #kinds: Uint8Array
  /** Offset in the file, or number of the object stream. */
  readonly #places: Float64Array
  /** Generation, or index in the object stream. */
  readonly #details: Uint16Array

  /** @param size  one more than the highest object number (7.5.5, Size) */
  constructor(size: number) {
    this.#kinds = new Uint8Array(size)
    this.#places = new Float64Array(size)
    this.#details = new Uint16Array(size)
  }

  get size(): number {
    return this.#kinds.length
  }

  /** Sets an entry unless a newer section has: sections are read from the newest to the oldest. */
  setUnlessNewer(number: number, entry: XrefEntry): void {
    if (number >= this.size) throw new PdfRefusal('broken-xref', `object ${number} is beyond Size`)
    if (this.#kinds[number] !== UNSET) return
    this.#kinds[number] = KINDS.indexOf(entry.kind)
    if (entry.kind === 'free') return
    const [place, detail] =
      entry.kind === 'offset' ? [entry.offset, entry.generation] : [entry.stream, entry.index]
    if (detail > 0xffff) throw new PdfRefusal('broken-xref', `generation or index of object ${number}`)
    this.#places[number] = place
    this.#details[number] = detail
  }

  /** An object that no section mentions is free (7.3.10). */
  entry(number: number): XrefEntry {
    const place = this.#places[number] ?? 0
    const detail = this.#details[number] ?? 0
    const kind = KINDS[this.#kinds[number] ?? UNSET]
    if (kind === 'offset') return { kind, offset: place, generation: detail }
    if (kind === 'compressed') return { kind, stream: place, index: detail }
    return { kind: 'free' }
  }

  /** Every object that stands in the file by itself, ordered by offset. */
  objectsByOffset(): { readonly numbers: Uint32Array; readonly offsets: Float64Array } {
    const numbers = Uint32Array.from(this.#numbersInFile()).sort(
      (a, b) => (this.#places[a] ?? 0) - (this.#places[b] ?? 0),
    )
    return { numbers, offsets: Float64Array.from(numbers, number => this.#places[number] ?? 0) }
  }

  *#numbersInFile(): Generator<number> {
    for (let number = 0; number < this.size; number++) {
      if (KINDS[this.#kinds[number] ?? UNSET] === 'offset') yield number
    }
  }
}
