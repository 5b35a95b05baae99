/**
 * Writes ZIP files (APPNOTE 6.3.10) of files that may be larger than memory: everything is stored as it is, so that what
 * comes out is read in pieces like what went in.
 *
 * Without dates and without a trace of who wrote it: the same files give the same bytes.
 */
import { concat, join, utf8 } from '@natsuin/pki/encoding'
import { appendedSource, type ByteSource, bytesSource, joinedSource } from '../pdf/byte-source.ts'
import { piecesOf } from '../signing/content.ts'
import { Crc32 } from './crc32.ts'
import { checkDistinct, checkName } from './names.ts'
import { ZipRefusal } from './refusal.ts'
import { CENTRAL, END, FLAG, LOCAL, MAX_ENTRIES, MAX_SIZE, viewOf } from './structures.ts'

export interface ZipFile {
  readonly name: string
  readonly content: ByteSource
}

/** @throws ZipRefusal for names, and for more than a plain ZIP file holds: 4 GiB, 65,534 files */
export async function writeZip(files: readonly ZipFile[]): Promise<ByteSource> {
  const names = files.map(({ name }) => name)
  for (const name of names) checkName(name)
  checkDistinct(names)
  if (files.length > MAX_ENTRIES) throw new ZipRefusal('zip-limit-exceeded', `${files.length} files`)
  let source = bytesSource(new Uint8Array())
  const central: Uint8Array[] = []
  for (const { name, content } of files) {
    const entry = {
      name: utf8(name),
      size: content.size,
      crc: await checksumOf(content),
      offset: source.size,
    }
    source = joinedSource(appendedSource(source, localHeader(entry)), content)
    if (source.size > MAX_SIZE) throw new ZipRefusal('zip-limit-exceeded', `${source.size} bytes`)
    central.push(centralHeader(entry))
  }
  const directory = join(central)
  return appendedSource(source, concat(directory, end(files.length, directory.length, source.size)))
}

async function checksumOf(content: ByteSource): Promise<number> {
  const crc = new Crc32()
  for await (const piece of piecesOf(content)) crc.update(piece)
  return crc.value
}

interface Entry {
  readonly name: Uint8Array
  readonly size: number
  readonly crc: number
  readonly offset: number
}

// Version 2.0 is needed for folders in names; the date is the first of 1980, which is none.
const VERSION = 20
const NO_DATE = 0x0021

function localHeader({ name, size, crc }: Entry): Uint8Array {
  const header = new Uint8Array(LOCAL.size)
  const view = viewOf(header)
  view.setUint32(0, LOCAL.signature, true)
  view.setUint16(4, VERSION, true)
  view.setUint16(6, FLAG.utf8, true)
  view.setUint16(12, NO_DATE, true)
  view.setUint32(14, crc, true)
  view.setUint32(18, size, true)
  view.setUint32(22, size, true)
  view.setUint16(26, name.length, true)
  return concat(header, name)
}

function centralHeader({ name, size, crc, offset }: Entry): Uint8Array {
  const header = new Uint8Array(CENTRAL.size)
  const view = viewOf(header)
  view.setUint32(0, CENTRAL.signature, true)
  view.setUint16(4, VERSION, true)
  view.setUint16(6, VERSION, true)
  view.setUint16(8, FLAG.utf8, true)
  view.setUint16(14, NO_DATE, true)
  view.setUint32(16, crc, true)
  view.setUint32(20, size, true)
  view.setUint32(24, size, true)
  view.setUint16(28, name.length, true)
  view.setUint32(42, offset, true)
  return concat(header, name)
}

function end(count: number, size: number, offset: number): Uint8Array {
  const record = new Uint8Array(END.size)
  const view = viewOf(record)
  view.setUint32(0, END.signature, true)
  view.setUint16(8, count, true)
  view.setUint16(10, count, true)
  view.setUint32(12, size, true)
  view.setUint32(16, offset, true)
  return record
}
