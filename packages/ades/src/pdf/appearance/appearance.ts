/**
 * What a visible signature looks like: an image, text, or both side by side, as the appearance stream of its widget
 * (ISO 32000-2, 12.5.5 and 8.10).
 *
 * Everything is embedded and nothing is transparent, so that a document which is PDF/A stays it. The font is the caller's:
 * which one may be used for what, is a matter of its licence.
 */
import { utf8 } from '@natsuin/pki/encoding'
import type { ObjectChanges } from '../object-changes.ts'
import {
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfDictionary,
  pdfName,
  pdfNumber,
  pdfNumbers,
} from '../objects.ts'
import { PdfRefusal } from '../refusal.ts'
import { addDeflated, addFont, hex } from './font/font-objects.ts'
import { GlyphSubset } from './font/subset.ts'
import { TrueTypeFont } from './font/true-type-font.ts'
import { addImage, CAL_GRAY, readImage } from './image/image-objects.ts'
import { reading } from './refusal.ts'
import { LINE_HEIGHT, linesIn, type Room } from './text-layout.ts'

export interface Look {
  /** Lines end with `\n`; longer ones are broken. */
  readonly text?: string | undefined
  /**
   * A font file with TrueType outlines and a glyph for every character of the text; the glyphs that are used are
   * embedded. Of a collection (TTC) the first font, unless `fontNumber` says another.
   */
  readonly font?: Uint8Array | undefined
  /** Of a collection, from 0 on. */
  readonly fontNumber?: number | undefined
  /** In points; the largest from 14 down to 4 with which the text fits, where it is not said. */
  readonly fontSize?: number | undefined
  /** A PNG or JPEG file; keeps its proportions. */
  readonly image?: Uint8Array | undefined
}

export interface Frame extends Room {
  /** By how many degrees the page is turned clockwise for its reader; the signature stands upright on it. */
  readonly rotation: number
}

/**
 * The appearance stream, for `/AP << /N … >>`.
 *
 * @param frame  as the reader sees it, in points
 * @throws PdfRefusal `font-unsupported`, `font-not-embeddable`, `glyph-missing`, `image-unsupported`,
 *   `appearance-too-small`
 */
export async function addAppearance(changes: ObjectChanges, frame: Frame, look: Look): Promise<PdfReference> {
  const drawing = new Drawing(changes)
  const { left, right } = columns(frame, look)
  const { image, text } = look
  if (image !== undefined) await reading('image-unsupported', () => drawing.image(image, left))
  if (text !== undefined) await reading('font-unsupported', () => drawing.text(text, look, right))
  return addDeflated(changes, utf8(drawing.operators()), formEntries(frame, drawing.resources()))
}

function formEntries({ width, height, rotation }: Frame, resources: PdfDictionary) {
  return {
    Type: pdfName('XObject'),
    Subtype: pdfName('Form'),
    BBox: pdfNumbers(0, 0, width, height),
    Matrix: pdfNumbers(...(TURNED[rotation] ?? [1, 0, 0, 1]), 0, 0),
    Resources: resources,
  }
}

/** A reader fits the turned box into the rectangle (12.5.5, algorithm 8), so only the turn has to be said. */
const TURNED: Readonly<Record<number, readonly number[]>> = {
  90: [0, 1, -1, 0],
  180: [-1, 0, 0, -1],
  270: [0, -1, 1, 0],
}

interface Area extends Room {
  readonly x: number
  readonly y: number
}

const MARGIN = 2
/** Of the width, for an image that has text beside it. */
const IMAGE_PART = 0.35

function columns(
  { width, height }: Frame,
  { image, text }: Look,
): { readonly left: Area; readonly right: Area } {
  const whole = { x: MARGIN, y: MARGIN, width: width - 2 * MARGIN, height: height - 2 * MARGIN }
  if (image === undefined || text === undefined) return { left: whole, right: whole }
  const split = Math.min(whole.width * IMAGE_PART, whole.height)
  const x = whole.x + split + MARGIN
  return { left: { ...whole, width: split }, right: { ...whole, x, width: whole.width - split - MARGIN } }
}

class Drawing {
  readonly #changes: ObjectChanges
  readonly #operators: string[] = []
  readonly #fonts: Record<string, PdfObject> = {}
  readonly #images: Record<string, PdfObject> = {}

  constructor(changes: ObjectChanges) {
    this.#changes = changes
  }

  operators(): string {
    return `q\n${this.#operators.join('')}Q\n`
  }

  resources(): PdfDictionary {
    return pdfDictionary({
      ColorSpace: pdfDictionary({ Gray: CAL_GRAY }),
      Font: pdfDictionary(this.#fonts),
      XObject: pdfDictionary(this.#images),
    })
  }

  async image(file: Uint8Array, area: Area): Promise<void> {
    const image = await readImage(file)
    const scale = Math.min(area.width / image.width, area.height / image.height)
    if (!(scale > 0)) throw new PdfRefusal('appearance-too-small')
    this.#images['Image'] = await addImage(this.#changes, image)
    const [width, height] = [image.width * scale, image.height * scale]
    const x = area.x + (area.width - width) / 2
    const y = area.y + (area.height - height) / 2
    this.#operators.push(`q ${spelled(width, 0, 0, height, x, y)} cm /Image Do Q\n`)
  }

  async text(text: string, { font: file, fontNumber, fontSize }: Look, area: Area): Promise<void> {
    if (file === undefined) throw new PdfRefusal('font-unsupported', 'text needs a font')
    const font = new TrueTypeFont(file, fontNumber)
    const subset = new GlyphSubset(font)
    const glyphs = (line: string) => Array.from(line, character => subset.take(character))
    const measure = (character: string) => subset.widthOf(subset.take(character))
    const laidOut = linesIn(text, area, measure, fontSize)
    if (laidOut === undefined) throw new PdfRefusal('appearance-too-small')
    this.#showLines(laidOut.lines.map(glyphs), laidOut.fontSize, area)
    this.#fonts['Font'] = await addFont(this.#changes, subset, font.measures)
  }

  /** From the top; the first line stands one font size below it. */
  #showLines(lines: readonly (readonly number[])[], fontSize: number, { x, y, height }: Area): void {
    const leading = fontSize * LINE_HEIGHT
    const shown = lines.map(line => `<${line.map(hex).join('')}> Tj T*\n`).join('')
    const start = `${spelled(x, y + height - fontSize)} Td ${spelled(leading)} TL`
    this.#operators.push(`BT /Gray cs 0 sc /Font ${spelled(fontSize)} Tf ${start}\n${shown}ET\n`)
  }
}

const spelled = (...values: readonly number[]) => values.map(value => pdfNumber(value).spelling).join(' ')
