/** A subset as objects of a PDF: ISO 32000-2, 9.7 (composite fonts), 9.8 (descriptor), 9.10.3 (ToUnicode). */
import { utf8 } from '@natsuin/pki/encoding'
import type { ObjectChanges } from '../../object-changes.ts'
import {
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfInteger,
  pdfName,
  pdfString,
} from '../../objects.ts'
import { deflated } from '../deflate.ts'
import type { GlyphSubset } from './subset.ts'
import type { FontMeasures } from './true-type-font.ts'

// The name is for people; six letters mark a subset (9.9.2).
const NAME = pdfName('NTSUIN+Signature')
// Table 121: symbolic, since its glyphs are not those of the standard Latin set alone.
const SYMBOLIC = 4

/** @returns the font, for the resources of an appearance */
export async function addFont(
  changes: ObjectChanges,
  subset: GlyphSubset,
  measures: FontMeasures,
): Promise<PdfReference> {
  const descriptor = await addDescriptor(changes, subset, measures)
  const descendant = changes.add(descendantFont(subset, descriptor))
  const entries = {
    Type: pdfName('Font'),
    Subtype: pdfName('Type0'),
    BaseFont: NAME,
    Encoding: pdfName('Identity-H'),
    DescendantFonts: pdfArray([descendant]),
    ToUnicode: await addDeflated(changes, utf8(toUnicode(subset))),
  }
  return changes.add(pdfDictionary(entries))
}

async function addDescriptor(
  changes: ObjectChanges,
  subset: GlyphSubset,
  measures: FontMeasures,
): Promise<PdfReference> {
  const file = subset.build()
  const fontFile = await addDeflated(changes, file, { Length1: pdfInteger(file.length) })
  const files = { FontFile2: fontFile, CIDSet: await addDeflated(changes, characterSet(subset)) }
  return changes.add(pdfDictionary({ ...descriptorEntries(measures), ...files }))
}

function descendantFont(subset: GlyphSubset, descriptor: PdfReference): PdfDictionary {
  return pdfDictionary({
    Type: pdfName('Font'),
    Subtype: pdfName('CIDFontType2'),
    BaseFont: NAME,
    CIDSystemInfo: IDENTITY,
    CIDToGIDMap: pdfName('Identity'),
    FontDescriptor: descriptor,
    W: widths(subset),
  })
}

const IDENTITY = pdfDictionary({
  Registry: pdfString(utf8('Adobe')),
  Ordering: pdfString(utf8('Identity')),
  Supplement: pdfInteger(0),
})

export async function addDeflated(
  changes: ObjectChanges,
  data: Uint8Array,
  entries: Readonly<Record<string, PdfObject>> = {},
): Promise<PdfReference> {
  return changes.addStream({ ...entries, Filter: pdfName('FlateDecode') }, await deflated(data))
}

function descriptorEntries({ unitsPerEm, ascent, descent, boundingBox }: FontMeasures) {
  const thousandths = (units: number) => pdfInteger(Math.round((units * 1000) / unitsPerEm))
  return {
    Type: pdfName('FontDescriptor'),
    FontName: NAME,
    Flags: pdfInteger(SYMBOLIC),
    FontBBox: pdfArray(boundingBox.map(thousandths)),
    ItalicAngle: pdfInteger(0),
    Ascent: thousandths(ascent),
    Descent: thousandths(descent),
    CapHeight: thousandths(ascent),
    StemV: pdfInteger(80),
  }
}

/** A bit for each glyph that is there, all of them: the first part of PDF/A wants it said (ISO 19005-1, 6.3.5). */
function characterSet({ size }: GlyphSubset): Uint8Array {
  const bits = (byte: number) => Math.min(8, size - 8 * byte)
  return Uint8Array.from({ length: Math.ceil(size / 8) }, (_, byte) => 0xff00 >> bits(byte))
}

function widths(subset: GlyphSubset): PdfObject {
  const list = Array.from({ length: subset.size }, (_, i) => pdfInteger(subset.widthOf(i)))
  return pdfArray([pdfInteger(0), pdfArray(list)])
}

const MAP_HEAD = `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
`
const MAP_END = `endcmap
CMapName currentdict /CMap defineresource pop
end
end
`
const LINES_IN_BLOCK = 100

function toUnicode(subset: GlyphSubset): string {
  const lines = [...subset.numbers].map(([text, number]) => `<${hex(number)}> <${utf16(text)}>\n`)
  const blocks: string[] = []
  for (let i = 0; i < lines.length; i += LINES_IN_BLOCK) {
    const block = lines.slice(i, i + LINES_IN_BLOCK)
    blocks.push(`${block.length} beginbfchar\n${block.join('')}endbfchar\n`)
  }
  return MAP_HEAD + blocks.join('') + MAP_END
}

function utf16(text: string): string {
  return Array.from({ length: text.length }, (_, i) => hex(text.charCodeAt(i))).join('')
}

export const hex = (number: number) => number.toString(16).padStart(4, '0')
