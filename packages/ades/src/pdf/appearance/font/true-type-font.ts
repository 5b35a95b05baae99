/** What drawing text asks of a font: glyphs, widths and measures (ISO/IEC 14496-22:2019, 5.1 to 5.3). */
import { PdfRefusal } from '../../refusal.ts'
import { type CharacterMap, characterMapOf } from './character-map.ts'
import { bytesOf, FontFile } from './font-file.ts'

export interface FontMeasures {
  readonly unitsPerEm: number
  readonly ascent: number
  readonly descent: number
  /** xMin, yMin, xMax, yMax. */
  readonly boundingBox: readonly number[]
}

export class TrueTypeFont {
  readonly file: FontFile
  readonly measures: FontMeasures
  readonly glyphCount: number
  readonly glyphOf: CharacterMap
  readonly #glyphOffsets: (glyph: number) => number
  readonly #longMetrics: number

  /** @throws PdfRefusal `font-unsupported`, `font-not-embeddable`; RangeError where it is damaged */
  constructor(bytes: Uint8Array, number?: number) {
    this.file = new FontFile(bytes, number)
    checkMayEmbed(this.file)
    const [head, hhea] = [this.file.table('head'), this.file.table('hhea')]
    this.measures = measuresIn(head, hhea)
    this.glyphCount = this.file.table('maxp').getUint16(4)
    this.#longMetrics = hhea.getUint16(34)
    this.glyphOf = characterMapOf(this.file.table('cmap'))
    this.#glyphOffsets = glyphOffsetsIn(this.file.table('loca'), head)
  }

  /** In units of the font. */
  advanceOf(glyph: number): number {
    const metric = Math.min(glyph, this.#longMetrics - 1)
    return this.file.table('hmtx').getUint16(4 * metric)
  }

  leftSideBearingOf(glyph: number): number {
    const hmtx = this.file.table('hmtx')
    const beyond = glyph - this.#longMetrics
    return beyond < 0 ? hmtx.getInt16(4 * glyph + 2) : hmtx.getInt16(4 * this.#longMetrics + 2 * beyond)
  }

  /** The outline as it stands in the font; empty for a space. */
  outlineOf(glyph: number): Uint8Array {
    if (glyph >= this.glyphCount) throw new RangeError('a glyph beyond the last')
    const [from, to] = [this.#glyphOffsets(glyph), this.#glyphOffsets(glyph + 1)]
    const glyf = this.file.table('glyf')
    if (from > to || to > glyf.byteLength) throw new RangeError('an outline beyond the table')
    return bytesOf(glyf, from, to)
  }
}

function measuresIn(head: DataView, hhea: DataView): FontMeasures {
  const unitsPerEm = head.getUint16(18)
  if (unitsPerEm === 0) throw new PdfRefusal('font-unsupported', 'units per em')
  const boundingBox = [36, 38, 40, 42].map(at => head.getInt16(at))
  return { unitsPerEm, ascent: hhea.getInt16(4), descent: hhea.getInt16(6), boundingBox }
}

/** Long offsets as they are, short ones halved (5.3). */
function glyphOffsetsIn(loca: DataView, head: DataView): (glyph: number) => number {
  const isLong = head.getInt16(50) === 1
  return glyph => (isLong ? loca.getUint32(4 * glyph) : 2 * loca.getUint16(2 * glyph))
}

/** OS/2, fsType: 1 restricted, 8 no subsets, 9 bitmaps only. What a font forbids, its maker forbids. */
function checkMayEmbed(file: FontFile): void {
  if (!file.has('OS/2')) return
  const fsType = file.table('OS/2').getUint16(8)
  const restricted = (fsType & 0x000f) === 0x0002
  if (restricted || (fsType & 0x0300) !== 0) throw new PdfRefusal('font-not-embeddable')
}
