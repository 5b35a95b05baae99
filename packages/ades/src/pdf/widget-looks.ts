/**
 * Where a signature field is shown and how: rectangle and appearance of its widget (ISO 32000-2, 12.5.5 and 12.7.5.5).
 */
import { addAppearance, type Look } from './appearance/appearance.ts'
import { isFirstPartOfPdfA } from './archival-part.ts'
import type { PdfDocument } from './document.ts'
import type { ObjectChanges } from './object-changes.ts'
import {
  isArray,
  isNumber,
  type PdfDictionary,
  type PdfObject,
  type PdfStream,
  pdfDictionary,
  pdfName,
  pdfNumbers,
} from './objects.ts'
import { inherited } from './page-tree.ts'
import { PdfRefusal } from './refusal.ts'

/** What is shown, and where. */
export interface VisibleSignature extends Look {
  /** From 1 on; the first where it is not said. A field that was there keeps its page. */
  readonly page?: number | undefined
  /**
   * Left, bottom, right, top in points, in the coordinates of the page (8.3.2.3). A field that was there keeps its own.
   */
  readonly rectangle?: Rectangle | undefined
  /** What a screen reader says of the field, in a document with tags; the text, or the name of the field, by default. */
  readonly description?: string | undefined
}

export type Rectangle = readonly [left: number, bottom: number, right: number, top: number]

export type WidgetEntries = Readonly<Record<string, PdfObject>>

const NO_AREA = pdfNumbers(0, 0, 0, 0)
/** The first part of PDF/A wants an appearance of every field, shown or not (ISO 19005-1, 6.9). */
const EMPTY_FORM = {
  Type: pdfName('XObject'),
  Subtype: pdfName('Form'),
  BBox: NO_AREA,
  Resources: pdfDictionary({}),
}

/** A rectangle without area is what makes a field invisible. */
export function invisible(changes: ObjectChanges): WidgetEntries {
  const empty = changes.addStream(EMPTY_FORM, new Uint8Array())
  return { Rect: NO_AREA, AP: pdfDictionary({ N: empty }) }
}

/**
 * A document time-stamp shows nothing: validators take the appearance of a new field for a change that a certification
 * or a lock forbids, the time-stamp itself for none. The first part of PDF/A wants one all the same.
 */
export async function timeStampLooks(
  document: PdfDocument,
  catalog: PdfDictionary,
  changes: ObjectChanges,
): Promise<WidgetEntries> {
  return (await isFirstPartOfPdfA(document, catalog)) ? invisible(changes) : { Rect: NO_AREA }
}

export interface Place {
  readonly rectangle: Rectangle | undefined
  /** `undefined` where a widget does not say on which page it is. */
  readonly page: PdfDictionary | undefined
}

/** @throws PdfRefusal `rectangle-invalid`, and what `addAppearance` refuses with */
export async function visible(
  document: PdfDocument,
  changes: ObjectChanges,
  look: Look,
  { rectangle, page }: Place,
): Promise<WidgetEntries> {
  const [left, bottom, right, top] = rectangle ?? [0, 0, 0, 0]
  if (!(left < right && bottom < top)) throw new PdfRefusal('rectangle-invalid')
  const rotation = page === undefined ? 0 : await rotationOf(document, page)
  const [width, height] = [right - left, top - bottom]
  const frame = rotation % 180 === 0 ? { width, height } : { width: height, height: width }
  const stream = await addAppearance(changes, { ...frame, rotation }, look)
  return { Rect: pdfNumbers(left, bottom, right, top), AP: pdfDictionary({ N: stream }) }
}

/** Clockwise, a multiple of 90 degrees (table 31); anything else is read as none. */
async function rotationOf(document: PdfDocument, page: PdfDictionary): Promise<number> {
  const rotate = await inherited(document, page, 'Rotate')
  const degrees = isNumber(rotate) ? ((rotate.value % 360) + 360) % 360 : 0
  return degrees % 90 === 0 ? degrees : 0
}

/** Any two opposite corners (7.9.5). */
export function rectangleOf(object: PdfObject | PdfStream): Rectangle | undefined {
  const corners = isArray(object) ? object.items.map(item => (isNumber(item) ? item.value : Number.NaN)) : []
  const [a, b, c, d] = corners
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]
}
