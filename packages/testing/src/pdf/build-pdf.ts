/**
 * Writes PDF files of a wanted shape, byte for byte the same every time (ISO 32000-2, 7.5).
 *
 * Not a PDF library: it writes what it is told, faults included, and shares no code with the reader it tests.
 */
import { deflateSync } from 'node:zlib'

export interface ShapeObject {
  readonly number: number
  readonly generation?: number
  /** Everything between `obj` and `endobj`, one character per byte. */
  readonly body: string
}

export interface Trailer {
  readonly size: number
  /** Entries besides Size and Prev, as text. */
  readonly entries: string
  readonly prev?: number
}

/** A file under construction: text with one character per byte, and where its newest section stands. */
export interface Written {
  readonly text: string
  readonly xrefOffset: number
}

export const HEADER = '%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n'
const FREE_HEAD = '0000000000 65535 f \n'

export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/** Appends objects and a section of the classic kind. */
export function withTable(base: string, objects: readonly ShapeObject[], trailer: Trailer): Written {
  const { text, entries } = withObjects(base, objects)
  const lines = [...entries].map(([number, entry]) => `${number} 1\n${tableLine(entry)}`)
  const head = base === HEADER ? `0 1\n${FREE_HEAD}` : ''
  return finished(text, `xref\n${head}${lines.join('')}trailer\n<< ${trailerText(trailer)} >>\n`)
}

/** Appends objects and a cross-reference stream, compressed with a PNG predictor. */
export function withStream(base: string, objects: readonly ShapeObject[], trailer: Trailer): Written {
  const { text, entries } = withObjects(base, objects)
  return finished(text, xrefStream(entries, text.length, trailer))
}

export interface PackedShape {
  readonly plain: readonly ShapeObject[]
  /** These stand in an object stream. */
  readonly packed: readonly ShapeObject[]
  /** Number of the object stream. */
  readonly container: number
  /** The object stream's own body, where it shall be a wrong one. */
  readonly containerBody?: string
}

/** Appends objects of which some stand in an object stream with the given number. */
export function withObjectStream(base: string, shape: PackedShape, trailer: Trailer): Written {
  const { plain, packed, container } = shape
  const { text, entries } = withObjects(base, [...plain, objectStream(shape)])
  for (const [index, { number }] of packed.entries())
    entries.set(number, { kind: 2, place: container, detail: index })
  return finished(text, xrefStream(entries, text.length, trailer))
}

/**
 * Appends a hybrid section (7.5.8.4): a table that calls the packed objects free, and a stream that has them.
 */
export function withHybrid(base: string, shape: PackedShape, trailer: Trailer): Written {
  const { plain, packed, container } = shape
  const { text, entries } = withObjects(base, [...plain, objectStream(shape)])
  const hidden = new Map<number, Entry>()
  for (const [index, { number }] of packed.entries())
    hidden.set(number, { kind: 2, place: container, detail: index })
  const streamOffset = text.length
  const body = `${text}${xrefStream(hidden, undefined, trailer)}`
  entries.set(trailer.size - 1, { kind: 1, place: streamOffset, detail: 0 })
  const free = packed.map(({ number }) => `${number} 1\n0000000000 65535 f \n`).join('')
  const lines = [...entries].map(([number, entry]) => `${number} 1\n${tableLine(entry)}`).join('')
  const dictionary = `<< ${trailerText(trailer)} /XRefStm ${streamOffset} >>`
  return finished(body, `xref\n0 1\n${FREE_HEAD}${free}${lines}trailer\n${dictionary}\n`)
}

interface Entry {
  readonly kind: 1 | 2
  readonly place: number
  readonly detail: number
}

function withObjects(base: string, objects: readonly ShapeObject[]) {
  const entries = new Map<number, Entry>()
  let text = base
  for (const { number, generation = 0, body } of objects) {
    entries.set(number, { kind: 1, place: text.length, detail: generation })
    text += `${number} ${generation} obj\n${body}\nendobj\n`
  }
  return { text, entries }
}

function finished(text: string, section: string): Written {
  return { text: `${text}${section}startxref\n${text.length}\n%%EOF\n`, xrefOffset: text.length }
}

function trailerText({ size, entries, prev }: Trailer): string {
  return `/Size ${size} ${entries}${prev === undefined ? '' : ` /Prev ${prev}`}`
}

function tableLine({ place, detail }: Entry): string {
  return `${String(place).padStart(10, '0')} ${String(detail).padStart(5, '0')} n \n`
}

function objectStream({ packed, container, containerBody }: PackedShape): ShapeObject {
  const bodies = packed.map(({ body }) => `${body}\n`)
  const starts = bodies.map((_, i) => bodies.slice(0, i).join('').length)
  const index = `${packed.map((object, i) => `${object.number} ${starts[i] ?? 0}`).join(' ')}\n`
  const entries = `/N ${packed.length} /First ${index.length} /Filter /FlateDecode`
  const body = objectStreamBody(entries, deflated(toBytes(index + bodies.join(''))))
  return { number: container, body: containerBody ?? body }
}

export function objectStreamBody(entries: string, data: string): string {
  return `<< /Type /ObjStm ${entries} /Length ${data.length} >>\nstream\n${data}\nendstream`
}

const ROW_BYTES = 7

/**
 * Fields of 1, 4 and 2 bytes, in the order of the objects' numbers (7.5.8.2). `offset` is the stream's own; in a hybrid
 * file the table lists it instead.
 */
function xrefStream(
  entries: ReadonlyMap<number, Entry>,
  offset: number | undefined,
  trailer: Trailer,
): string {
  const number = trailer.size - 1
  const own: readonly [number, Entry][] =
    offset === undefined ? [] : [[number, { kind: 1, place: offset, detail: 0 }]]
  const listed = new Map([...entries, ...own].sort(([a], [b]) => a - b))
  const index = [...listed.keys()].map(key => `${key} 1`).join(' ')
  const data = deflated(pngUp([...listed.values()].map(row)))
  const parameters = `/DecodeParms << /Predictor 12 /Columns ${ROW_BYTES} >>`
  const dictionary = `<< /Type /XRef /W [1 4 2] /Index [${index}] /Filter /FlateDecode ${parameters} /Length ${data.length} ${trailerText(trailer)} >>`
  return `${number} 0 obj\n${dictionary}\nstream\n${data}\nendstream\nendobj\n`
}

function row({ kind, place, detail }: Entry): number[] {
  return [
    kind,
    place >>> 24,
    (place >>> 16) & 255,
    (place >>> 8) & 255,
    place & 255,
    detail >>> 8,
    detail & 255,
  ]
}

/** Every row with the PNG filter "up": the difference to the row above. */
function pngUp(rows: readonly number[][]): Uint8Array {
  const above = (i: number, column: number) => rows[i - 1]?.[column] ?? 0
  return Uint8Array.from(
    rows.flatMap((values, i) => [2, ...values.map((value, column) => (value - above(i, column)) & 255)]),
  )
}

export function deflated(bytes: Uint8Array): string {
  return deflateSync(bytes).toString('latin1')
}
