/**
 * A font with a few glyphs of another (ISO/IEC 14496-22:2019, 4.5 and 5.3): the glyphs are numbered anew, so that a
 * signature of ten characters does not carry the tables of twenty thousand.
 *
 * Only the tables that PDF asks for (ISO 32000-2, 9.9.2): glyphs are chosen by their numbers, so neither names nor a
 * map of characters go along.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import { PdfRefusal } from '../../refusal.ts'
import { bytesOf } from './font-file.ts'
import type { TrueTypeFont } from './true-type-font.ts'

export class GlyphSubset {
  readonly #font: TrueTypeFont
  /** Old numbers; the place is the new one. Glyph 0 always stands for what is missing. */
  readonly #glyphs: number[] = [0]
  /** Of parts, by their old numbers. */
  readonly #parts = new Map<number, number>()
  /** Each character has a glyph of its own, so that whoever copies the text gets the character that was meant. */
  readonly numbers = new Map<string, number>()

  constructor(font: TrueTypeFont) {
    this.#font = font
  }

  get size(): number {
    return this.#glyphs.length
  }

  /** The new number of the glyph for a character. @throws PdfRefusal `glyph-missing` */
  take(character: string): number {
    const known = this.numbers.get(character)
    if (known !== undefined) return known
    const codePoint = character.codePointAt(0) ?? 0
    const glyph = this.#font.glyphOf(codePoint)
    if (glyph === 0) throw new PdfRefusal('glyph-missing', `U+${codePoint.toString(16).padStart(4, '0')}`)
    const number = this.#add(glyph)
    this.numbers.set(character, number)
    return number
  }

  /** In thousandths of the font size. */
  widthOf(number: number): number {
    const { unitsPerEm } = this.#font.measures
    return Math.round((this.#font.advanceOf(this.#glyphs[number] ?? 0) * 1000) / unitsPerEm)
  }

  /** The font file with all glyphs that were taken. */
  build(): Uint8Array {
    const outlines = this.#outlines()
    return writeFont([
      ['head', this.#head()],
      ['hhea', patched(this.#table('hhea'), 34, outlines.length)],
      ['maxp', patched(this.#table('maxp'), 4, outlines.length)],
      ['hmtx', this.#horizontalMetrics()],
      ['loca', locations(outlines)],
      ['glyf', concat(...outlines)],
      ...['cvt ', 'fpgm', 'prep']
        .filter(name => this.#font.file.has(name))
        .map(name => [name, this.#table(name)] as const),
    ])
  }

  #add(glyph: number): number {
    if (glyph >= this.#font.glyphCount) throw new RangeError('a glyph beyond the last')
    return this.#glyphs.push(glyph) - 1
  }

  #partNumber(glyph: number): number {
    const number = this.#parts.get(glyph) ?? this.#add(glyph)
    this.#parts.set(glyph, number)
    return number
  }

  /** Composite glyphs take their parts along, so the list grows while it is walked. */
  #outlines(): readonly Uint8Array[] {
    const outlines: Uint8Array[] = []
    for (let i = 0; i < this.#glyphs.length; i++) {
      const outline = this.#font.outlineOf(this.#glyphs[i] ?? 0).slice()
      this.#renumberParts(outline)
      outlines.push(padded(outline))
    }
    return outlines
  }

  #renumberParts(outline: Uint8Array): void {
    const view = new DataView(outline.buffer, outline.byteOffset, outline.length)
    if (outline.length === 0 || view.getInt16(0) >= 0) return
    for (let at = 10, flags: number = PART.more; (flags & PART.more) !== 0; at += partBytes(flags)) {
      flags = view.getUint16(at)
      view.setUint16(at + 2, this.#partNumber(view.getUint16(at + 2)))
    }
  }

  #head(): Uint8Array {
    const head = this.#table('head')
    const view = new DataView(head.buffer)
    // checkSumAdjustment is of no meaning in a part of a document; long offsets.
    view.setUint32(8, 0)
    view.setInt16(50, 1)
    return head
  }

  #horizontalMetrics(): Uint8Array {
    const view = new DataView(new ArrayBuffer(4 * this.#glyphs.length))
    for (const [i, glyph] of this.#glyphs.entries()) {
      view.setUint16(4 * i, this.#font.advanceOf(glyph))
      view.setInt16(4 * i + 2, this.#font.leftSideBearingOf(glyph))
    }
    return new Uint8Array(view.buffer)
  }

  #table(name: string): Uint8Array<ArrayBuffer> {
    const table = this.#font.file.table(name)
    return bytesOf(table, 0, table.byteLength).slice()
  }
}

/** Flags of a part of a composite glyph (5.3). */
const PART = { words: 0x0001, scale: 0x0008, more: 0x0020, scales: 0x0040, matrix: 0x0080 } as const

function partBytes(flags: number): number {
  const place = (flags & PART.words) === 0 ? 2 : 4
  const scale = (flags & PART.scale) === 0 ? 0 : 2
  const scales = (flags & PART.scales) === 0 ? 0 : 4
  return 4 + place + scale + scales + ((flags & PART.matrix) === 0 ? 0 : 8)
}

function patched(table: Uint8Array<ArrayBuffer>, at: number, value: number): Uint8Array {
  new DataView(table.buffer).setUint16(at, value)
  return table
}

/** Where each outline begins, and where the last one ends. */
function locations(outlines: readonly Uint8Array[]): Uint8Array {
  const offsets = [0]
  for (const { length } of outlines) offsets.push((offsets.at(-1) ?? 0) + length)
  return numbers(4, ...offsets)
}

type Table = readonly [name: string, bytes: Uint8Array]

function writeFont(tables: readonly Table[]): Uint8Array {
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1))
  return concat(directory(sorted), ...sorted.map(([, bytes]) => padded(bytes)))
}

/** 4.5: the version, four numbers that make a binary search of the names easy, and a record for each table. */
function directory(tables: readonly Table[]): Uint8Array {
  const count = tables.length
  const exponent = Math.floor(Math.log2(count))
  const powers = 16 * 2 ** exponent
  const head = [0x0001, 0x0000, count, powers, exponent, 16 * count - powers]
  let offset = 12 + 16 * count
  const records = tables.map(([name, bytes]) => {
    const record = concat(utf8(name), numbers(4, checksum(bytes), offset, bytes.length))
    offset += padded(bytes).length
    return record
  })
  return concat(numbers(2, ...head), ...records)
}

/** Big-endian, of so many bytes each. */
function numbers(width: 2 | 4, ...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(width * values.length))
  const set = width === 2 ? view.setUint16.bind(view) : view.setUint32.bind(view)
  for (const [i, value] of values.entries()) set(width * i, value)
  return new Uint8Array(view.buffer)
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(-bytes.length & 3))
}

function checksum(bytes: Uint8Array): number {
  const whole = padded(bytes)
  const view = new DataView(whole.buffer, whole.byteOffset, whole.length)
  let sum = 0
  for (let at = 0; at < whole.length; at += 4) sum = (sum + view.getUint32(at)) >>> 0
  return sum
}
