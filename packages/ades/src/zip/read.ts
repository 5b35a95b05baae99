/**
 * Reads ZIP files (APPNOTE 6.3.10) that can be read in one way only: the entries follow one another from the first byte,
 * the central directory names them in that order and says what their own headers say, and nothing is between, before or
 * behind (T-ZIP-02, T-ZIP-03).
 *
 * The verifier uses it as well as whoever adds to a container, so that both see the same files.
 */
import { equal, fromUtf8 } from '@natsuin/pki/encoding'
import type { ByteSource } from '../pdf/byte-source.ts'
import { contentOf } from './entry-content.ts'
import { checkDistinct, checkName } from './names.ts'
import { ZipRefusal } from './refusal.ts'
import { CENTRAL, DESCRIPTOR_SIGNATURE, END, FLAG, LOCAL, METHOD, viewOf } from './structures.ts'

export interface ZipLimits {
  readonly entries: number
  /** Of all files together, not compressed. */
  readonly contentBytes: number
}

/** None but what the format has. */
export const NO_ZIP_LIMITS: ZipLimits = {
  entries: Number.POSITIVE_INFINITY,
  contentBytes: Number.POSITIVE_INFINITY,
}

export interface ZipEntry {
  readonly name: string
  /** Not compressed, in bytes. */
  readonly size: number
  readonly compressed: boolean
  /** Of its own header. */
  readonly extraBytes: number
  /** The content in pieces; ends with ZipRefusal `zip-content-damaged` where it is not what the entry says. */
  readonly pieces: () => AsyncIterable<Uint8Array>
  /** Where the content lies as it is; `undefined` where it is compressed. */
  readonly place: { readonly start: number; readonly end: number } | undefined
}

/**
 * The files of a ZIP file in their order; folders are left out.
 *
 * @throws ZipRefusal
 */
export async function readZip(
  source: ByteSource,
  limits: ZipLimits = NO_ZIP_LIMITS,
): Promise<readonly ZipEntry[]> {
  const { count, directory, directoryAt } = await readEnd(source)
  if (count > limits.entries) throw new ZipRefusal('zip-limit-exceeded', `${count} files`)
  const records = readDirectory(directory, count)
  const entries: ZipEntry[] = []
  let at = 0
  for (const record of records) {
    const { entry, end } = await readEntry(source, record, at, directoryAt)
    entries.push(entry)
    at = end
  }
  if (at !== directoryAt) throw new ZipRefusal('zip-ambiguous', 'something between files and directory')
  checkContents(entries, limits)
  return entries.filter(({ name }) => !name.endsWith('/'))
}

function checkContents(entries: readonly ZipEntry[], limits: ZipLimits): void {
  const files = entries.map(({ name }) => name.replace(/\/$/, ''))
  for (const name of files) checkName(name)
  checkDistinct(files)
  const full = entries.find(({ name, size }) => name.endsWith('/') && size > 0)
  if (full !== undefined) throw new ZipRefusal('zip-ambiguous', 'a folder with a content')
  const total = entries.reduce((sum, { size }) => sum + size, 0)
  if (total > limits.contentBytes) throw new ZipRefusal('zip-limit-exceeded', `${total} bytes`)
}

/**
 * The end record is the last thing but its comment. Some readers take the last one that there is, others the first whose
 * comment ends with the file, so that both have to be the same.
 */
async function readEnd(source: ByteSource) {
  const length = Math.min(source.size, END.size + 0xffff)
  const tail = (await source.read(source.size - length, length)).slice()
  const view = viewOf(tail)
  const places = Array.from({ length: Math.max(0, length - END.size + 1) }, (_, at) => at).filter(
    at => view.getUint32(at, true) === END.signature,
  )
  const fits = places.filter(at => at + END.size + view.getUint16(at + 20, true) === length)
  const [at] = fits
  if (at === undefined) throw new ZipRefusal('not-a-zip')
  if (fits.length > 1 || at !== places.at(-1)) throw new ZipRefusal('zip-ambiguous', 'two ends')
  const count = view.getUint16(at + 10, true)
  const [size, directoryAt] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)]
  const divided = view.getUint32(at + 4, true) !== 0 || view.getUint16(at + 8, true) !== count
  if (divided || directoryAt === 0xffff_ffff) throw new ZipRefusal('zip-unsupported', 'in parts, or ZIP64')
  if (directoryAt + size !== source.size - length + at) throw new ZipRefusal('not-a-zip')
  return { count, directoryAt, directory: (await source.read(directoryAt, size)).slice() }
}

/** Info-ZIP Unicode Path: another name beside the name, which some readers take (APPNOTE 6.3.10, 4.6.9). */
const OTHER_NAME = 0x7075

/** @throws ZipRefusal for a second name */
function checkExtra(extra: Uint8Array): void {
  const view = viewOf(extra)
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true))
    if (view.getUint16(at, true) === OTHER_NAME) throw new ZipRefusal('zip-ambiguous', 'a second name')
}

interface DirectoryRecord {
  readonly name: Uint8Array
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  readonly offset: number
}

function readDirectory(directory: Uint8Array, count: number): readonly DirectoryRecord[] {
  const view = viewOf(directory)
  const records: DirectoryRecord[] = []
  let at = 0
  while (at + CENTRAL.size <= directory.length && view.getUint32(at, true) === CENTRAL.signature) {
    const nameEnd = at + CENTRAL.size + view.getUint16(at + 28, true)
    records.push({
      name: directory.subarray(at + CENTRAL.size, nameEnd),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    })
    const extraEnd = nameEnd + view.getUint16(at + 30, true)
    checkExtra(directory.subarray(nameEnd, extraEnd))
    at = extraEnd + view.getUint16(at + 32, true)
  }
  if (at !== directory.length || records.length !== count) throw new ZipRefusal('zip-ambiguous', 'directory')
  return records
}

// Compression levels of deflate may be said (bits 1 and 2); encryption, patches and masked headers may not.
const UNDERSTOOD_FLAGS = 0b110 | FLAG.descriptor | FLAG.utf8

async function readEntry(source: ByteSource, record: DirectoryRecord, at: number, limit: number) {
  const { flags, method, compressedSize } = record
  if (record.offset !== at || at + LOCAL.size > limit)
    throw new ZipRefusal('zip-ambiguous', 'files that do not follow one another')
  if ((flags & ~UNDERSTOOD_FLAGS) !== 0 || (method !== METHOD.stored && method !== METHOD.deflated))
    throw new ZipRefusal('zip-unsupported')
  const view = viewOf((await source.read(at, LOCAL.size)).slice())
  const nameLength = view.getUint16(26, true)
  const extraBytes = view.getUint16(28, true)
  const start = at + LOCAL.size + nameLength + extraBytes
  const end = start + compressedSize
  if (end > limit) throw new ZipRefusal('zip-ambiguous', 'files that overlap')
  const name = await source.read(at + LOCAL.size, nameLength)
  if (!saysTheSame(view, record) || !equal(name, record.name))
    throw new ZipRefusal('zip-ambiguous', 'two headers that differ')
  checkExtra((await source.read(start - extraBytes, extraBytes)).slice())
  const text = nameOf(record)
  const compressed = method === METHOD.deflated
  if (!compressed && compressedSize !== record.size) throw new ZipRefusal('zip-ambiguous', 'sizes')
  const content = { ...record, name: text, start, end, compressed }
  const entry: ZipEntry = {
    name: text,
    size: record.size,
    compressed,
    extraBytes,
    pieces: () => contentOf(source, content),
    place: compressed ? undefined : { start, end },
  }
  const descriptor = (flags & FLAG.descriptor) === 0 ? 0 : await descriptorLength(source, end, record, limit)
  return { entry, end: end + descriptor }
}

function saysTheSame(
  local: DataView,
  { flags, method, crc, compressedSize, size }: DirectoryRecord,
): boolean {
  const [ownCrc, ownCompressed, ownSize] = [14, 18, 22].map(place => local.getUint32(place, true))
  const later = (flags & FLAG.descriptor) !== 0
  const none = ownCrc === 0 && ownCompressed === 0 && ownSize === 0
  const same = ownCrc === crc && ownCompressed === compressedSize && ownSize === size
  return (
    local.getUint32(0, true) === LOCAL.signature &&
    local.getUint16(6, true) === flags &&
    local.getUint16(8, true) === method &&
    (same || (later && none))
  )
}

/** 4.3.9: with its signature or without, and it says what the directory says. */
async function descriptorLength(
  source: ByteSource,
  at: number,
  { crc, compressedSize, size }: DirectoryRecord,
  limit: number,
): Promise<number> {
  const bytes = (await source.read(at, Math.min(16, limit - at))).slice()
  const view = viewOf(bytes)
  for (const length of [16, 12]) {
    if (length > bytes.length) continue
    const [first, second, third] = [12, 8, 4].map(back => view.getUint32(length - back, true))
    const signed = length === 12 || view.getUint32(0, true) === DESCRIPTOR_SIGNATURE
    if (signed && first === crc && second === compressedSize && third === size) return length
  }
  throw new ZipRefusal('zip-ambiguous', 'data descriptor')
}

/** Without the flag names are of an old code page, of which only ASCII is the same everywhere (appendix D). */
function nameOf({ name, flags }: DirectoryRecord): string {
  const ascii = name.every(byte => byte < 0x80)
  const text = fromUtf8(name)
  if (text === undefined || (!ascii && (flags & FLAG.utf8) === 0))
    throw new ZipRefusal('zip-name-invalid', 'of another code page')
  return text
}
