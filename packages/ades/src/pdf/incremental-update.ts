/**
 * An update that is only appended bytes: ISO 32000-2, 7.5.6. The file before it stays as it is, byte for byte.
 *
 * The new section has the form of the file's newest one, table or stream: 7.5.8.4 allows a stream that points
 * back to tables, but readers of the time of tables would lose the update.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { PdfDocument } from './document.ts'
import {
  isArray,
  isReference,
  type PdfDictionary,
  type PdfObject,
  pdfArray,
  pdfInteger,
  pdfName,
  pdfString,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'
import { writeIndirectObject, writeObject } from './writer.ts'

/** A new object, or a new version of an old one. */
export interface ChangedObject {
  readonly number: number
  readonly generation: number
  readonly body: Uint8Array
}

export interface IncrementalUpdate {
  /** Goes directly behind the original file. */
  readonly bytes: Uint8Array
  /** Offset in the whole file at which the body of each changed object begins, by object number. */
  readonly bodyOffsets: ReadonlyMap<number, number>
}

/** @param fileId  16 bytes that change with every update (14.4) */
export async function buildIncrementalUpdate(
  document: PdfDocument,
  changes: readonly ChangedObject[],
  fileId: Uint8Array,
): Promise<IncrementalUpdate> {
  const start = await startOfUpdate(document)
  const objects = placeObjects(changes, document.source.size + start.length)
  const xrefOffset = document.source.size + start.length + objects.bytes.length
  const section = SECTIONS[document.xref.form]({ document, placed: objects.placed, xrefOffset, fileId })
  const end = utf8(`startxref\n${xrefOffset}\n%%EOF\n`)
  return { bytes: concat(start, objects.bytes, section, end), bodyOffsets: objects.bodyOffsets }
}

/** The end of file marker must end its line before anything follows it. */
async function startOfUpdate({ source }: PdfDocument): Promise<Uint8Array> {
  const [last] = await source.read(source.size - 1, 1)
  return last === 0x0a || last === 0x0d ? new Uint8Array() : utf8('\n')
}

interface PlacedObject {
  readonly number: number
  readonly generation: number
  readonly offset: number
}

function placeObjects(changes: readonly ChangedObject[], start: number) {
  const placed: PlacedObject[] = []
  const bodyOffsets = new Map<number, number>()
  const pieces: Uint8Array[] = []
  let offset = start
  for (const change of changes) {
    const { bytes, bodyOffset } = writeIndirectObject(change, change.body)
    placed.push({ number: change.number, generation: change.generation, offset })
    bodyOffsets.set(change.number, offset + bodyOffset)
    pieces.push(bytes)
    offset += bytes.length
  }
  return { placed, bodyOffsets, bytes: concat(...pieces) }
}

interface SectionParts {
  readonly document: PdfDocument
  readonly placed: readonly PlacedObject[]
  readonly xrefOffset: number
  readonly fileId: Uint8Array
}

const SECTIONS = { table: tableSection, stream: streamSection } as const

function tableSection({ document, placed, fileId }: SectionParts): Uint8Array {
  const runs = consecutiveRuns(placed).map(
    run => `${run[0]?.number ?? 0} ${run.length}\n${run.map(tableEntry).join('')}`,
  )
  const trailer = writeObject(dictionaryOf(trailerEntries(document, placed, fileId)))
  return concat(utf8(`xref\n${runs.join('')}trailer\n`), trailer, utf8('\n'))
}

/** Twenty bytes exactly (7.5.4). */
function tableEntry({ offset, generation }: PlacedObject): string {
  return `${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} n \n`
}

// Type in one byte, offset in five (a terabyte), generation in two.
const FIELD_WIDTHS = [1, 5, 2] as const

/** The stream lists itself (7.5.8.3) and takes the next free object number. It is short, so it is not deflated. */
function streamSection({ document, placed, xrefOffset, fileId }: SectionParts): Uint8Array {
  const itself = { number: sizeAfter(document, placed), generation: 0, offset: xrefOffset }
  const all = [...placed, itself]
  const runs = consecutiveRuns(all)
  const data = Uint8Array.from(runs.flat().flatMap(streamEntry))
  const dictionary = dictionaryOf([
    ['Type', pdfName('XRef')],
    ['W', pdfArray(FIELD_WIDTHS.map(pdfInteger))],
    ['Index', pdfArray(runs.flatMap(run => [pdfInteger(run[0]?.number ?? 0), pdfInteger(run.length)]))],
    ['Length', pdfInteger(data.length)],
    ...trailerEntries(document, all, fileId),
  ])
  const body = concat(writeObject(dictionary), utf8('\nstream\n'), data, utf8('\nendstream'))
  return writeIndirectObject(itself, body).bytes
}

function streamEntry({ offset, generation }: PlacedObject): number[] {
  return [1, ...bigEndian(offset, FIELD_WIDTHS[1]), ...bigEndian(generation, FIELD_WIDTHS[2])]
}

function bigEndian(value: number, width: number): number[] {
  return Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) % 256)
}

/** Ordered by number, cut wherever a number is missing: the subsections of a section. */
function consecutiveRuns(placed: readonly PlacedObject[]): readonly (readonly PlacedObject[])[] {
  const runs: PlacedObject[][] = []
  for (const object of [...placed].sort((a, b) => a.number - b.number)) {
    const run = runs.at(-1)
    if (run?.at(-1)?.number === object.number - 1) run?.push(object)
    else runs.push([object])
  }
  return runs
}

function sizeAfter(document: PdfDocument, placed: readonly PlacedObject[]): number {
  return placed.reduce((size, { number }) => Math.max(size, number + 1), document.xref.table.size)
}

/** Table 15. Root, Info, Encrypt and the permanent half of ID are the file's own; the rest belongs to this update. */
function trailerEntries(
  document: PdfDocument,
  placed: readonly PlacedObject[],
  fileId: Uint8Array,
): readonly (readonly [string, PdfObject])[] {
  const { entries } = document.trailer
  const id = entries.get('ID')
  const permanent = isArray(id) ? id.items[0] : undefined
  return [
    ['Size', pdfInteger(sizeAfter(document, placed))],
    ['Root', rootReference(document)],
    ...[...entries].filter(([key]) => key === 'Info' || key === 'Encrypt'),
    ['ID', pdfArray([permanent ?? pdfString(fileId), pdfString(fileId)])],
    ['Prev', pdfInteger(document.xref.offset)],
  ]
}

function rootReference({ trailer }: PdfDocument): PdfObject {
  const root = trailer.entries.get('Root')
  if (!isReference(root)) throw new PdfRefusal('malformed-structure', 'Root')
  return root
}

function dictionaryOf(entries: readonly (readonly [string, PdfObject])[]): PdfDictionary {
  return { type: 'dictionary', entries: new Map(entries) }
}
