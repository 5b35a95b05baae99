/** Objects kept together in one compressed stream: ISO 32000-2, 7.5.7. */
import type { PdfLimits } from './limits.ts'
import { asCount, type PdfDictionary, type PdfObject } from './objects.ts'
import { PdfParser } from './parser.ts'
import { PdfRefusal } from './refusal.ts'

export class ObjectStream {
  readonly #data: Uint8Array
  readonly #first: number
  readonly #depth: number
  /** Object numbers and offsets, in pairs, as the stream begins with them. */
  readonly #index: Uint32Array

  constructor(dictionary: PdfDictionary, data: Uint8Array, limits: PdfLimits) {
    this.#data = data
    this.#depth = limits.depth
    this.#first = required(dictionary, 'First')
    const count = required(dictionary, 'N')
    if (count > limits.objects) throw new PdfRefusal('limit-exceeded', 'objects in an object stream')
    // Each pair takes at least four bytes ("1 0 "), so a larger N is a lie; refuse before allocating for it.
    if (count * 4 > data.length + 1) throw new PdfRefusal('malformed-structure', 'N of an object stream')
    const parser = this.#parser(0)
    this.#index = Uint32Array.from({ length: 2 * count }, () => parser.integer())
  }

  /** The object that the cross-references place at the index; there must be that object. */
  object(number: number, index: number): PdfObject {
    if (this.#index[2 * index] !== number)
      throw new PdfRefusal('broken-xref', `object ${number} in an object stream`)
    return this.#parser(this.#first + (this.#index[2 * index + 1] ?? 0)).object()
  }

  #parser(at: number): PdfParser {
    return new PdfParser({ bytes: this.#data, base: 0, complete: true, depth: this.#depth }, at)
  }
}

function required(dictionary: PdfDictionary, key: string): number {
  const value = asCount(dictionary.entries.get(key))
  if (value === undefined) throw new PdfRefusal('malformed-structure', `${key} of an object stream`)
  return value
}
