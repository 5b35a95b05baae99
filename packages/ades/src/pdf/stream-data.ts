/**
 * The decoded data of the few streams a signer needs: cross-reference streams and object streams.
 *
 * Content streams and images are never decoded. One FlateDecode filter or none is what producers use for these
 * two kinds; chains of filters are refused, which also ends nested bombs.
 */
import type { ByteSource } from './byte-source.ts'
import { type Inflate, inflate } from './inflate.ts'
import type { PdfLimits } from './limits.ts'
import { asName, isArray, type PdfDictionary, type PdfObject, type PdfStream } from './objects.ts'
import { undoPredictor } from './predictor.ts'
import { PdfRefusal } from './refusal.ts'
import { parseAt } from './window.ts'

export class StreamReader {
  readonly #source: ByteSource
  readonly #limits: PdfLimits
  readonly #inflate: Inflate
  #inflated = 0

  constructor(source: ByteSource, limits: PdfLimits, inflater: Inflate = inflate) {
    this.#source = source
    this.#limits = limits
    this.#inflate = inflater
  }

  /**
   * @param length   the value of Length, an indirect one already resolved
   * @param decrypt  of an encrypted document; filters come before encryption (7.6.2)
   */
  async decode(
    stream: PdfStream,
    length: number,
    decrypt: (data: Uint8Array) => Promise<Uint8Array> = async data => data,
  ): Promise<Uint8Array> {
    const data = await decrypt(await this.#rawData(stream, length))
    const filter = onlyOne(stream.dictionary, 'Filter')
    if (filter === undefined) return data
    if (asName(filter) !== 'FlateDecode') throw new PdfRefusal('unsupported-compression')
    const left = this.#limits.inflatedTotalBytes - this.#inflated
    const inflated = await this.#inflate(data, Math.min(left, this.#limits.inflatedStreamBytes))
    this.#inflated += inflated.length
    return undoPredictor(inflated, onlyOne(stream.dictionary, 'DecodeParms'))
  }

  /** Length must lead to `endstream`, or readers that trust it and readers that search for the keyword differ. */
  async #rawData(stream: PdfStream, length: number): Promise<Uint8Array> {
    const end = stream.dataOffset + length
    if (end > this.#source.size)
      throw new PdfRefusal('malformed-structure', 'a stream reaches beyond the file')
    const ended = await parseAt(this.#source, end, this.#limits, parser => parser.keyword('endstream'))
    if (!ended) throw new PdfRefusal('malformed-structure', `stream length, offset ${stream.dataOffset}`)
    // A copy: a source may reuse its memory, and inflating waits.
    return (await this.#source.read(stream.dataOffset, length)).slice()
  }
}

/** Filter and DecodeParms are one object or an array of them (7.3.8.2, table 5). */
function onlyOne(dictionary: PdfDictionary, key: string): PdfObject | undefined {
  const object = dictionary.entries.get(key) ?? undefined
  if (!isArray(object)) return object
  if (object.items.length > 1) throw new PdfRefusal('unsupported-compression', 'several filters')
  return object.items[0] ?? undefined
}
