/** Which glyph a character has: the cmap table (ISO/IEC 14496-22:2019, 5.2.2), formats 4 and 12. */
import { PdfRefusal } from '../../refusal.ts'

/** Glyph 0, the one for what is missing, when the font has none for it. */
export type CharacterMap = (codePoint: number) => number

/** Platform and encoding of Unicode, the richest first. */
const ENCODINGS: readonly (readonly [number, number])[] = [
  [3, 10],
  [0, 6],
  [0, 4],
  [3, 1],
  [0, 3],
]

export function characterMapOf(cmap: DataView): CharacterMap {
  const count = cmap.getUint16(2)
  const records = Array.from({ length: count }, (_, i) => ({
    platform: cmap.getUint16(4 + 8 * i),
    encoding: cmap.getUint16(6 + 8 * i),
    offset: cmap.getUint32(8 + 8 * i),
  }))
  for (const [platform, encoding] of ENCODINGS) {
    const found = records.find(record => record.platform === platform && record.encoding === encoding)
    const read = found && FORMATS.get(cmap.getUint16(found.offset))
    if (found && read) return read(cmap, found.offset)
  }
  throw new PdfRefusal('font-unsupported', 'it has no map of Unicode')
}

const FORMATS: ReadonlyMap<number, (cmap: DataView, at: number) => CharacterMap> = new Map([
  [4, segmentMap],
  [12, groupMap],
])

/** Format 4: segments of the first 65,536 characters. */
function segmentMap(cmap: DataView, at: number): CharacterMap {
  const size = cmap.getUint16(at + 6)
  const [ends, starts, deltas, offsets] = [14, 16 + size, 16 + 2 * size, 16 + 3 * size]
  return codePoint => {
    if (codePoint > 0xffff) return 0
    for (let i = 0; i < size; i += 2) {
      if (cmap.getUint16(at + ends + i) < codePoint) continue
      const start = cmap.getUint16(at + starts + i)
      if (start > codePoint) return 0
      const delta = cmap.getUint16(at + deltas + i)
      const offset = cmap.getUint16(at + offsets + i)
      if (offset === 0) return (codePoint + delta) & 0xffff
      const glyph = cmap.getUint16(at + offsets + i + offset + 2 * (codePoint - start))
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff
    }
    return 0
  }
}

/** Format 12: groups of all characters. */
function groupMap(cmap: DataView, at: number): CharacterMap {
  const count = cmap.getUint32(at + 12)
  return codePoint => {
    let [low, high] = [0, count]
    while (low < high) {
      const middle = (low + high) >>> 1
      const group = at + 16 + 12 * middle
      if (cmap.getUint32(group + 4) < codePoint) low = middle + 1
      else if (cmap.getUint32(group) > codePoint) high = middle
      else return cmap.getUint32(group + 8) + codePoint - cmap.getUint32(group)
    }
    return 0
  }
}
