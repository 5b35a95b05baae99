/**
 * Where the objects of a revision stand, by its cross-reference sections from the newest to the oldest: ISO 32000-2,
 * 7.5.4 to 7.5.8. Whatever readers would have to repair is malformed.
 */
import type { ByteSource } from '../../pdf/byte-source.ts'
import { malformed, nextToken } from '../tokens.ts'
import { decoded } from './inflate.ts'
import { objectAt, textOf } from './object-text.ts'
import { countOf, type Dictionary, type Value, valueAt } from './value.ts'

export type Place =
  | { readonly kind: 'free' }
  | { readonly kind: 'offset'; readonly offset: number; readonly generation: number }
  | { readonly kind: 'packed'; readonly container: number; readonly index: number }

export interface Sections {
  /** Objects that no section names are free. */
  readonly places: ReadonlyMap<number, Place>
  /** Of the newest section. */
  readonly trailer: Dictionary
  /** Where the newest section stands. */
  readonly newestAt: number
}

type Numbered = readonly [number, Place]

interface Section {
  readonly trailer: Dictionary
  /** In the order in which they count. */
  readonly entries: readonly Numbered[]
}

const MAX_SECTIONS = 1024
const MAX_OBJECTS = 1_000_000
const TAIL_BYTES = 1024
const SPACES = '[\\0\\t\\n\\f\\r ]'
const STARTXREF = new RegExp(`startxref${SPACES}+(\\d{1,10})${SPACES}+%%EOF${SPACES}*$`)

export async function readSections(source: ByteSource): Promise<Sections> {
  const tail = await textOf(source, Math.max(0, source.size - TAIL_BYTES), source.size)
  const newestAt = Number(STARTXREF.exec(tail)?.[1] ?? Number.NaN)
  const newest = await readSection(source, newestAt)
  const places = new Map<number, Place>()
  const visited = new Set<number>()
  for (let [at, section] = [newestAt, newest]; ; section = await readSection(source, at)) {
    if (visited.has(at) || visited.size >= MAX_SECTIONS) throw malformed('chain of sections')
    visited.add(at)
    for (const [number, place] of section.entries) if (!places.has(number)) places.set(number, place)
    if (places.size > MAX_OBJECTS) throw malformed('number of objects')
    const previous = section.trailer.entries.get('/Prev')
    if (previous === undefined) return { places, trailer: newest.trailer, newestAt }
    at = countOf(previous) ?? Number.NaN
  }
}

async function readSection(source: ByteSource, at: number): Promise<Section> {
  if (!(at < source.size)) throw malformed('place of a section')
  const head = await textOf(source, at, Math.min(at + 4, source.size))
  return head === 'xref' ? readTable(source, at + 4) : readStream(source, at)
}

const ENTRY_BYTES = 20
const ENTRY = /^(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)$/
const HEAD = new RegExp(`^${SPACES}*(\\d{1,10}) +(\\d{1,10})${SPACES}*`)
const HEAD_BYTES = 64

async function readTable(source: ByteSource, from: number): Promise<Section> {
  const entries: Numbered[] = []
  let at = from
  for (;;) {
    const text = await textOf(source, at, Math.min(at + HEAD_BYTES, source.size))
    const [head = '', first = '', count = ''] = HEAD.exec(text) ?? []
    if (head === '') break
    if (entries.length + Number(count) > MAX_OBJECTS) throw malformed('number of objects')
    at += head.length
    entries.push(...(await tableEntries(source, at, { first: Number(first), count: Number(count) })))
    at += Number(count) * ENTRY_BYTES
  }
  const trailer = await trailerAt(source, at)
  const stream = trailer.entries.get('/XRefStm')
  return { trailer, entries: stream === undefined ? entries : await hybrid(source, entries, stream) }
}

/** 7.5.8.4: what the table calls free may be in the stream. */
async function hybrid(source: ByteSource, entries: readonly Numbered[], stream: Value) {
  const hidden = await readStream(source, countOf(stream) ?? Number.NaN)
  const isFree = ([, { kind }]: Numbered) => kind === 'free'
  return [...entries.filter(entry => !isFree(entry)), ...hidden.entries, ...entries.filter(isFree)]
}

interface Range {
  readonly first: number
  readonly count: number
}

async function tableEntries(source: ByteSource, at: number, { first, count }: Range): Promise<Numbered[]> {
  const end = at + count * ENTRY_BYTES
  if (end > source.size) throw malformed('end of a table')
  const text = await textOf(source, at, end)
  return Array.from({ length: count }, (_, i) => {
    const [, offset, generation, use] = ENTRY.exec(text.slice(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES)) ?? []
    if (use === undefined) throw malformed('entry of a table')
    const place: Place =
      use === 'f'
        ? { kind: 'free' }
        : { kind: 'offset', offset: Number(offset), generation: Number(generation) }
    return [first + i, place]
  })
}

const TRAILER_BYTES = 64 * 1024

async function trailerAt(source: ByteSource, at: number): Promise<Dictionary> {
  const text = await textOf(source, at, Math.min(at + TRAILER_BYTES, source.size))
  const keyword = nextToken(text, 0)
  const { value } = valueAt(text, keyword.end)
  if (keyword.text !== 'trailer' || value.kind !== 'dictionary') throw malformed('trailer')
  return value
}

async function readStream(source: ByteSource, at: number): Promise<Section> {
  if (!(at < source.size)) throw malformed('place of a section')
  const { value, dataAt } = await objectAt(source, at)
  if (value.kind !== 'dictionary' || dataAt === undefined) throw malformed('section')
  const length = countOf(value.entries.get('/Length')) ?? Number.NaN
  if (!(dataAt + length <= source.size)) throw malformed('length of a section')
  const data = await decoded(value, (await source.read(dataAt, length)).slice())
  return { trailer: value, entries: [...streamEntries(value, data)] }
}

/** Tables 17 and 18. */
function* streamEntries({ entries }: Dictionary, data: Uint8Array): Generator<Numbered> {
  const [type = 0, place = 0, detail = 0] = counts(entries.get('/W'))
  const index = entries.has('/Index')
    ? counts(entries.get('/Index'))
    : [0, countOf(entries.get('/Size')) ?? 0]
  let at = 0
  const take = (width: number) => {
    let value = 0
    for (let i = 0; i < width; i++) value = value * 256 + (data[at++] ?? 0)
    return value
  }
  for (let i = 0; i + 1 < index.length; i += 2) {
    for (let number = index[i] ?? 0, end = number + (index[i + 1] ?? 0); number < end; number++) {
      if (at >= data.length) throw malformed('length of a section')
      const kind = type === 0 ? 1 : take(type)
      yield [number, placeOf(kind, take(place), take(detail))]
    }
  }
}

function placeOf(kind: number, place: number, detail: number): Place {
  if (kind === 1) return { kind: 'offset', offset: place, generation: detail }
  return kind === 2 ? { kind: 'packed', container: place, index: detail } : { kind: 'free' }
}

function counts(value: Value | undefined): readonly number[] {
  const items = value?.kind === 'list' ? value.items.map(countOf) : []
  if (items.some(item => item === undefined)) throw malformed('numbers of a section')
  return items.map(item => item ?? 0)
}
