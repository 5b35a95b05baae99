/**
 * PDF objects as values (ISO 32000-2, 7.3), and the questions the rest of the reader asks of them.
 *
 * Numbers keep their spelling and strings their bytes, so that an object which is written again in an update
 * says exactly what it said before.
 */

export interface PdfNumber {
  readonly type: 'number'
  readonly value: number
  /** As it stood in the file. */
  readonly spelling: string
}

export interface PdfString {
  readonly type: 'string'
  /** After escapes or hexadecimal digits were decoded. */
  readonly bytes: Uint8Array
}

export interface PdfName {
  readonly type: 'name'
  /** Without the solidus, `#xx` decoded, one character per byte (names are byte strings, 7.3.5). */
  readonly name: string
}

export interface PdfArray {
  readonly type: 'array'
  readonly items: readonly PdfObject[]
}

export interface PdfDictionary {
  readonly type: 'dictionary'
  readonly entries: ReadonlyMap<string, PdfObject>
}

export interface PdfReference {
  readonly type: 'reference'
  readonly number: number
  readonly generation: number
}

export interface PdfStream {
  readonly type: 'stream'
  readonly dictionary: PdfDictionary
  /** Where the stream's data begins in the file. */
  readonly dataOffset: number
}

/** What may stand inside another object. A stream may not: it is always an indirect object (7.3.8). */
export type PdfObject =
  | null
  | boolean
  | PdfNumber
  | PdfString
  | PdfName
  | PdfArray
  | PdfDictionary
  | PdfReference

export const pdfName = (name: string): PdfName => ({ type: 'name', name })
export const pdfInteger = (value: number): PdfNumber => ({ type: 'number', value, spelling: String(value) })
/** With at most four decimals, which is finer than any device draws. */
export const pdfNumber = (value: number): PdfNumber => ({
  type: 'number',
  value,
  spelling: String(Number(value.toFixed(4))),
})
export const pdfString = (bytes: Uint8Array): PdfString => ({ type: 'string', bytes })
export const pdfArray = (items: readonly PdfObject[]): PdfArray => ({ type: 'array', items })
/** A rectangle, a matrix, a color: an array of numbers. */
export const pdfNumbers = (...values: readonly number[]): PdfArray => pdfArray(values.map(pdfNumber))
export const pdfReference = (number: number, generation = 0): PdfReference => ({
  type: 'reference',
  number,
  generation,
})
export const pdfDictionary = (entries: Readonly<Record<string, PdfObject>>): PdfDictionary => ({
  type: 'dictionary',
  entries: new Map(Object.entries(entries)),
})

/** The dictionary with some entries set; the others keep their place. */
export function withEntries(
  dictionary: PdfDictionary,
  entries: Readonly<Record<string, PdfObject>>,
): PdfDictionary {
  return { type: 'dictionary', entries: new Map([...dictionary.entries, ...Object.entries(entries)]) }
}

type Tagged = Exclude<PdfObject, null | boolean> | PdfStream

function isA<T extends Tagged['type']>(type: T) {
  return (object: PdfObject | PdfStream | undefined): object is Extract<Tagged, { type: T }> =>
    typeof object === 'object' && object !== null && object.type === type
}

export const isNumber = isA('number')
export const isString = isA('string')
const isName = isA('name')
export const isArray = isA('array')
export const isDictionary = isA('dictionary')
export const isReference = isA('reference')
export const isStream = isA('stream')

/** A whole number of at least 0; `undefined` for everything else. */
export function asCount(object: PdfObject | PdfStream | undefined): number | undefined {
  if (!isNumber(object) || !/^\+?\d+$/.test(object.spelling)) return undefined
  return Number.isSafeInteger(object.value) ? object.value : undefined
}

/** The text of a name object; `undefined` for everything else. */
export function asName(object: PdfObject | PdfStream | undefined): string | undefined {
  return isName(object) ? object.name : undefined
}

/** Text strings in their three spellings (7.9.2.2). Bytes outside ASCII in PDFDocEncoding are kept apart, not translated. */
export function asText(object: PdfObject | PdfStream | undefined): string | undefined {
  if (!isString(object)) return undefined
  const [first, second, third] = object.bytes
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(object.bytes)
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder().decode(object.bytes)
  return Array.from(object.bytes, byte => String.fromCharCode(byte)).join('')
}

/** A text string: ASCII as it is, anything else as UTF-16BE with its mark (7.9.2.2). */
export function textString(text: string): PdfString {
  const codes = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
  if (codes.every(code => code >= 0x20 && code < 0x7f)) return pdfString(Uint8Array.from(codes))
  return pdfString(Uint8Array.from([0xfeff, ...codes].flatMap(code => [code >> 8, code & 0xff])))
}
