/**
 * One cross-reference section with its trailer: a table (ISO 32000-2, 7.5.4), a table with a stream beside it
 * (hybrid, 7.5.8.4), or a stream (7.5.8).
 *
 * Entries are handed over in the order of precedence within the section.
 */
import type { ByteSource } from './byte-source.ts'
import { readIndirectObject } from './indirect-object.ts'
import type { PdfLimits } from './limits.ts'
import {
  asCount,
  asName,
  isArray,
  isDictionary,
  isStream,
  type PdfDictionary,
  type PdfStream,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'
import type { StreamReader } from './stream-data.ts'
import { parseAt } from './window.ts'
import type { XrefEntry } from './xref-table.ts'

export type XrefForm = 'table' | 'stream'

export interface XrefSection {
  readonly form: XrefForm
  readonly trailer: PdfDictionary
  readonly entries: Iterable<NumberedEntry>
}

export interface NumberedEntry {
  readonly number: number
  readonly entry: XrefEntry
}

export interface SectionContext {
  readonly source: ByteSource
  readonly limits: PdfLimits
  readonly streams: StreamReader
}

export async function readXrefSection(context: SectionContext, offset: number): Promise<XrefSection> {
  if (offset >= context.source.size)
    throw new PdfRefusal('broken-xref', `offset ${offset} is beyond the file`)
  if (await isKeywordAt(context, offset, 'xref')) return readTableSection(context, offset)
  const { dictionary, entries } = await readStreamSection(context, offset)
  return { form: 'stream', trailer: dictionary, entries }
}

/** The keyword must stand exactly there: a reader that skips white space and one that does not would differ. */
async function isKeywordAt({ source }: SectionContext, offset: number, word: string): Promise<boolean> {
  const bytes = await source.read(offset, Math.min(word.length, source.size - offset))
  return String.fromCharCode(...bytes) === word
}

async function readTableSection(context: SectionContext, offset: number): Promise<XrefSection> {
  const subsections: Subsection[] = []
  let at = offset + 'xref'.length
  for (let head = await readSubsectionHead(context, at); head !== undefined; ) {
    subsections.push({ first: head.first, lines: await readLines(context.source, head) })
    at = head.offset + head.count * ENTRY_BYTES
    head = await readSubsectionHead(context, at)
  }
  const trailer = await parseAt(context.source, at, context.limits, parser =>
    parser.keyword('trailer') ? parser.object() : undefined,
  )
  if (!isDictionary(trailer)) throw new PdfRefusal('broken-xref', `trailer, offset ${at}`)
  return { form: 'table', trailer, entries: await withHybridEntries(context, trailer, subsections) }
}

interface SubsectionHead {
  readonly first: number
  readonly count: number
  /** Where the entries begin. */
  readonly offset: number
}

interface Subsection {
  readonly first: number
  /** All entries, still as text: a million parsed ones would cost a hundred megabytes. */
  readonly lines: string
}

const ENTRY_BYTES = 20
const ENTRY = /^(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)$/

function readSubsectionHead(context: SectionContext, at: number): Promise<SubsectionHead | undefined> {
  return parseAt(context.source, at, context.limits, parser => {
    if (parser.keyword('trailer')) return undefined
    const first = parser.integer()
    const count = parser.integer()
    parser.skipSpace()
    if (first + count > context.limits.objects) throw new PdfRefusal('limit-exceeded', 'objects')
    return { first, count, offset: parser.offset }
  })
}

async function readLines(source: ByteSource, { count, offset }: SubsectionHead): Promise<string> {
  const length = count * ENTRY_BYTES
  if (offset + length > source.size) throw new PdfRefusal('broken-xref', 'the table reaches beyond the file')
  return new TextDecoder('latin1').decode(await source.read(offset, length))
}

function* tableEntries(subsections: readonly Subsection[]): Generator<NumberedEntry> {
  for (const { first, lines } of subsections) {
    for (let at = 0; at < lines.length; at += ENTRY_BYTES) {
      yield { number: first + at / ENTRY_BYTES, entry: tableEntry(lines.slice(at, at + ENTRY_BYTES)) }
    }
  }
}

function tableEntry(line: string): XrefEntry {
  const [, offset, generation, use] = ENTRY.exec(line) ?? []
  if (use === undefined) throw new PdfRefusal('broken-xref', 'an entry is not twenty bytes as 7.5.4 demands')
  return use === 'f'
    ? { kind: 'free' }
    : { kind: 'offset', offset: Number(offset), generation: Number(generation) }
}

async function withHybridEntries(
  context: SectionContext,
  trailer: PdfDictionary,
  subsections: readonly Subsection[],
): Promise<Iterable<NumberedEntry>> {
  const object = trailer.entries.get('XRefStm')
  if (object === undefined) return tableEntries(subsections)
  const offset = asCount(object)
  if (offset === undefined) throw new PdfRefusal('broken-xref', 'XRefStm')
  const hybrid = await readStreamSection(context, offset)
  return hybridEntries(subsections, hybrid.entries)
}

/**
 * A hybrid section hides objects from old readers by calling them free in its table (7.5.8.4), so its stream
 * comes before the free entries of the same table and after the others.
 */
function* hybridEntries(
  subsections: readonly Subsection[],
  stream: Iterable<NumberedEntry>,
): Generator<NumberedEntry> {
  for (const item of tableEntries(subsections)) if (item.entry.kind !== 'free') yield item
  yield* stream
  for (const item of tableEntries(subsections)) if (item.entry.kind === 'free') yield item
}

async function readStreamSection(
  context: SectionContext,
  offset: number,
): Promise<{ readonly dictionary: PdfDictionary; readonly entries: Iterable<NumberedEntry> }> {
  const stream = await readXrefStream(context, offset)
  const length = asCount(stream.dictionary.entries.get('Length'))
  if (length === undefined) throw new PdfRefusal('broken-xref', 'Length of a cross-reference stream')
  const data = await context.streams.decode(stream, length)
  return { dictionary: stream.dictionary, entries: streamEntries(stream.dictionary, data, context.limits) }
}

async function readXrefStream({ source, limits }: SectionContext, offset: number): Promise<PdfStream> {
  if (!(await beginsWithDigit(source, offset)))
    throw new PdfRefusal('broken-xref', `nothing at offset ${offset}`)
  const object = await readIndirectObject(source, offset, limits)
  if (!isStream(object?.value) || asName(object.value.dictionary.entries.get('Type')) !== 'XRef') {
    throw new PdfRefusal('broken-xref', `no cross-reference section at offset ${offset}`)
  }
  return object.value
}

async function beginsWithDigit(source: ByteSource, offset: number): Promise<boolean> {
  const [byte] = await source.read(offset, Math.min(1, source.size - offset))
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** Table 17 (W, Index) and table 18 (the three types of entry). */
function* streamEntries(
  dictionary: PdfDictionary,
  data: Uint8Array,
  limits: PdfLimits,
): Generator<NumberedEntry> {
  const widths = fieldWidths(dictionary)
  const rowBytes = widths[0] + widths[1] + widths[2]
  let at = 0
  for (const { first, count } of indexRanges(dictionary)) {
    if (first + count > limits.objects) throw new PdfRefusal('limit-exceeded', 'objects')
    if (at + count * rowBytes > data.length)
      throw new PdfRefusal('broken-xref', 'a cross-reference stream is too short')
    for (let i = 0; i < count; i++, at += rowBytes)
      yield { number: first + i, entry: streamEntry(data, at, widths) }
  }
}

type FieldWidths = readonly [number, number, number]

function fieldWidths(dictionary: PdfDictionary): FieldWidths {
  const object = dictionary.entries.get('W')
  const [type, place, detail, ...rest] = isArray(object) ? object.items.map(asCount) : []
  if (type === undefined || place === undefined || detail === undefined || rest.length > 0) {
    throw new PdfRefusal('broken-xref', 'W of a cross-reference stream')
  }
  if (type > 1 || place > 8 || detail > 4 || place === 0) throw new PdfRefusal('broken-xref', 'field widths')
  return [type, place, detail]
}

function indexRanges(
  dictionary: PdfDictionary,
): readonly { readonly first: number; readonly count: number }[] {
  const index = dictionary.entries.get('Index')
  const numbers = isArray(index) ? index.items.map(asCount) : [0, asCount(dictionary.entries.get('Size'))]
  if (numbers.length % 2 !== 0) throw new PdfRefusal('broken-xref', 'Index of a cross-reference stream')
  return Array.from({ length: numbers.length / 2 }, (_, i) => {
    const [first, count] = [numbers[2 * i], numbers[2 * i + 1]]
    if (first === undefined || count === undefined) throw new PdfRefusal('broken-xref', 'Index')
    return { first, count }
  })
}

function streamEntry(data: Uint8Array, at: number, [type, place, detail]: FieldWidths): XrefEntry {
  const kind = type === 0 ? 1 : unsigned(data, at, type)
  const second = unsigned(data, at + type, place)
  const third = unsigned(data, at + type + place, detail)
  if (kind === 1) return { kind: 'offset', offset: second, generation: third }
  if (kind === 2) return { kind: 'compressed', stream: second, index: third }
  // Type 0 is free, and an unknown type is a reference to the null object (7.5.8.3).
  return { kind: 'free' }
}

function unsigned(data: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value = value * 256 + (data[at + i] ?? 0)
  return value
}
