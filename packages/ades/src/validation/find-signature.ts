/**
 * Finds the signature or document time-stamp that covers a whole revision of a PDF, and refuses every doubt about what
 * it covers (EN 319 102-1 V1.4.1, 5.2.2; ISO 32000-2, 12.8.1).
 *
 * The file is searched as text; neither its cross-references nor its object graph are believed. If the one ByteRange
 * that reaches the end of the revision leaves out nothing but the hexadecimal string of its own Contents, then every
 * other byte is signed, and with them everything a reader can make of the revision.
 */
import type { ByteSource } from '../pdf/byte-source.ts'
import { dictionaryAt, type EntryTokens } from './dictionary-text.ts'
import { ValidationEnded } from './verdict.ts'

export interface FoundSignature {
  readonly kind: 'signature' | 'time-stamp'
  /** Before the gap: from 0 to here. */
  readonly gapStart: number
  /** After the gap: from here to the end of the revision. */
  readonly gapEnd: number
  /** The end of the revision that is covered. */
  readonly end: number
  /** The bytes of Contents, padding included. */
  readonly contents: Uint8Array
  /** M, where it is a date in the spelling of 7.9.4. */
  readonly claimedSigningTime: Date | undefined
}

/**
 * What covers the file up to `end`.
 *
 * @param candidates  every ByteRange of the file: `byteRangesIn`
 */
export async function findSignature(
  source: ByteSource,
  candidates: readonly Candidate[],
  end: number,
): Promise<FoundSignature> {
  const [candidate, ...others] = candidates.filter(one => one.end === end)
  if (candidate === undefined) throw ended('no ByteRange covers the file')
  // With two, which one is meant would be a matter of taste.
  if (others.length > 0) throw ended('more than one ByteRange covers the file')
  const { gapStart, gapEnd } = candidate
  if (gapEnd - gapStart > MAX_DICTIONARY) throw ended('the gap is too long')
  const { text, base } = await textAround(source, candidate)
  const entries = dictionaryAt(text, dictionaryStart(text, Math.min(candidate.at, gapStart) - base))
  const kind = checkEntries(entries, candidate, base)
  const digits = text.slice(gapStart - base + 1, gapEnd - base - 1)
  return { kind, gapStart, gapEnd, end, contents: hexBytes(digits), claimedSigningTime: dateOf(entries) }
}

/** A ByteRange as it stands in the file; nothing is known of it but that it could cover the file up to its end. */
export interface Candidate {
  /** Where `/ByteRange` stands. */
  readonly at: number
  readonly gapStart: number
  readonly gapEnd: number
  readonly end: number
}

const PIECE = 256 * 1024
const OVERLAP = 256
const MARK = '/ByteRange'
const SOLIDUS = 0x2f
const SPACE = '[\\0\\t\\n\\f\\r ]'
const BYTE_RANGE = new RegExp(
  `^${MARK}${SPACE}*\\[${SPACE}*0${SPACE}+(\\d{1,10})${SPACE}+(\\d{1,10})${SPACE}+(\\d{1,10})${SPACE}*\\]`,
)

/** @throws ValidationEnded where there is none at all */
export async function byteRangesIn(source: ByteSource): Promise<readonly Candidate[]> {
  // By position, because pieces overlap and a mark may be seen twice.
  const candidates = new Map<number, Candidate | undefined>()
  for (let start = 0; start < source.size; start += PIECE) {
    const base = Math.max(0, start - OVERLAP)
    const piece = await source.read(base, Math.min(start + PIECE, source.size) - base)
    for (const at of marksIn(piece)) candidates.set(base + at, candidateAt(piece, base, at, source.size))
  }
  if (candidates.size === 0) throw ended('there is no signature')
  return [...candidates.values()].filter(found => found !== undefined)
}

function candidateAt(piece: Uint8Array, base: number, at: number, size: number): Candidate | undefined {
  const text = new TextDecoder('latin1').decode(piece.subarray(at, at + OVERLAP))
  const [gapStart, gapEnd, rest] = (BYTE_RANGE.exec(text) ?? []).slice(1).map(Number)
  if (gapStart === undefined || gapEnd === undefined || rest === undefined) return undefined
  const end = gapEnd + rest
  return gapStart < gapEnd && end <= size ? { at: base + at, gapStart, gapEnd, end } : undefined
}

// A signature dictionary is some kilobytes of CMS; a megabyte on each side of the gap is beyond every real one.
const MAX_DICTIONARY = 1024 * 1024

async function textAround(source: ByteSource, { at, gapStart, gapEnd }: Candidate) {
  const base = Math.max(0, Math.min(at, gapStart) - MAX_DICTIONARY)
  const end = Math.min(source.size, Math.max(at, gapEnd) + MAX_DICTIONARY)
  if (end - base > 4 * MAX_DICTIONARY) throw ended('ByteRange and Contents are too far apart')
  return { text: await textOf(source, base, end), base }
}

/** The dictionary directly behind the last `N G obj` before both entries. */
function dictionaryStart(text: string, before: number): number {
  const heads = [...text.slice(0, before).matchAll(OBJECT_HEAD)]
  const head = heads.at(-1)
  if (head === undefined) throw ended('the signature dictionary is not an object')
  return head.index + head[0].length
}

const OBJECT_HEAD = new RegExp(`\\d{1,10}${SPACE}+\\d{1,5}${SPACE}+obj${SPACE}*(?=<<)`, 'g')

/** EN 319 142-1 V1.2.1, 5.4.3 and 6.3: SubFilter, M, Contents and ByteRange. */
function checkEntries(
  entries: EntryTokens,
  { at, gapStart, gapEnd }: Candidate,
  base: number,
): FoundSignature['kind'] {
  const only = (key: string) => (entries.get(key)?.length === 1 ? entries.get(key)?.[0] : undefined)
  const kind = KINDS.get(only('/SubFilter')?.text ?? '')
  if (kind === undefined) throw ended('SubFilter')
  if (kind === 'time-stamp' && only('/Type')?.text !== '/DocTimeStamp') throw ended('Type')
  if (kind === 'signature' && entries.has('/Type') && only('/Type')?.text !== '/Sig') throw ended('Type')
  if (only('/Filter')?.text.startsWith('/') !== true) throw ended('Filter')
  if (kind === 'signature' && only('/M') === undefined) throw ended('M')
  const byteRange = entries.get('/ByteRange')?.[0]
  if (byteRange === undefined || byteRange.at + base < at || byteRange.at + base > at + OVERLAP)
    throw ended('ByteRange')
  const contents = only('/Contents')
  const fillsGap = contents?.at === gapStart - base && contents.text.length === gapEnd - gapStart
  if (!fillsGap || !CONTENTS.test(contents.text)) throw ended('the gap is not the string of Contents')
  return kind
}

const KINDS: ReadonlyMap<string, FoundSignature['kind']> = new Map([
  ['/ETSI.CAdES.detached', 'signature'],
  ['/ETSI.RFC3161', 'time-stamp'],
])

const CONTENTS = /^<(?:[0-9A-Fa-f]{2})+>$/

/** 7.9.4; only what UTC can be computed from. */
function dateOf(entries: EntryTokens): Date | undefined {
  const text = entries.get('/M')?.[0]?.text ?? ''
  const [, year, month, day, hour, minute, second] = PDF_DATE.exec(text) ?? []
  if (second === undefined) return undefined
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const PDF_DATE = /^\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|[+-]00'00'?)\)$/

function hexBytes(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
}

/** One character per byte: the encoding of the web that is called latin1 has no others. */
async function textOf(source: ByteSource, start: number, end: number): Promise<string> {
  return new TextDecoder('latin1').decode(await source.read(start, end - start))
}

/** Searched as bytes: turning a large file into text would cost more memory than all the rest. */
function* marksIn(bytes: Uint8Array): Generator<number> {
  for (let at = bytes.indexOf(SOLIDUS); at >= 0; at = bytes.indexOf(SOLIDUS, at + 1)) {
    if (isMark(bytes, at)) yield at
  }
}

function isMark(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < MARK.length; i++) if (bytes[at + i] !== MARK.charCodeAt(i)) return false
  return true
}

function ended(reason: string): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', reason)
}
