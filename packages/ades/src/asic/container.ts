/**
 * Containers of documents with their signatures, as values: EN 319 162-1 V1.1.1. Opened, signed, augmented and written
 * without a document in memory, but for those that somebody else compressed.
 */
import { fromUtf8, join, utf8 } from '@natsuin/pki/encoding'
import { type ByteSource, bytesSource, sliceSource } from '../pdf/byte-source.ts'
import { AdesRefusal } from '../refusal.ts'
import { checkDistinct, checkName } from '../zip/names.ts'
import { readZip, type ZipEntry, type ZipLimits } from '../zip/read.ts'
import { writeZip } from '../zip/write.ts'
import { type AsicForm, MEDIA_TYPES, META_INF } from './vocabulary.ts'

export interface AsicFile {
  /** A path in the container. */
  readonly name: string
  readonly content: ByteSource
}

export interface AsicContainer {
  readonly form: AsicForm
  readonly documents: readonly AsicFile[]
  /** Signatures, manifests and time-stamps: what is in META-INF. */
  readonly metaInf: readonly AsicFile[]
}

const MIMETYPE = 'mimetype'

/**
 * A container with no signature yet.
 *
 * @throws ZipRefusal `zip-name-invalid`, `zip-name-twice`
 * @throws RangeError for names that a container needs itself, and unless ASiC-S has one document at its root
 */
export function newAsic(form: AsicForm, documents: readonly AsicFile[]): AsicContainer {
  const names = documents.map(({ name }) => name)
  for (const name of names) checkName(name)
  checkDistinct(names)
  if (documents.length === 0) throw new RangeError('a container of no documents')
  // 4.3.3.2: one file, and not in a folder.
  if (form === 'ASiC-S' && (documents.length > 1 || names.some(name => name.includes('/'))))
    throw new RangeError('ASiC-S holds one document, at its root')
  if (names.some(isReserved)) throw new RangeError('a name that the container needs itself')
  return { form, documents, metaInf: [] }
}

function isReserved(name: string): boolean {
  return name.toLowerCase() === MIMETYPE || name.toUpperCase().startsWith(META_INF)
}

/**
 * @throws ZipRefusal
 * @throws AdesRefusal `signature-unreadable` when it is no container
 */
export async function openAsic(source: ByteSource, limits?: ZipLimits): Promise<AsicContainer> {
  const [mimetype, ...entries] = await readZip(source, limits)
  const form = mimetype?.name === MIMETYPE ? formOf(await bytesOf(mimetype)) : undefined
  if (form === undefined) throw new AdesRefusal('signature-unreadable', MIMETYPE)
  const files: AsicFile[] = []
  for (const entry of entries) files.push({ name: entry.name, content: await sourceOf(source, entry) })
  const isMeta = ({ name }: AsicFile) => name.startsWith(META_INF)
  return {
    form,
    documents: files.filter(file => !isMeta(file)),
    metaInf: files.filter(isMeta),
  }
}

function formOf(mimetype: Uint8Array): AsicForm | undefined {
  const text = fromUtf8(mimetype)
  return (['ASiC-S', 'ASiC-E'] as const).find(form => MEDIA_TYPES[form] === text)
}

async function sourceOf(source: ByteSource, { place, ...entry }: ZipEntry): Promise<ByteSource> {
  return place === undefined ? bytesSource(await bytesOf(entry)) : sliceSource(source, place.start, place.end)
}

async function bytesOf({ pieces }: Pick<ZipEntry, 'pieces'>): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  for await (const piece of pieces()) read.push(piece.slice())
  return join(read)
}

/** The container as a ZIP file: `mimetype` first and as it is (A.1), then the documents, then META-INF. */
export function writeAsic({ form, documents, metaInf }: AsicContainer): Promise<ByteSource> {
  const mimetype = { name: MIMETYPE, content: bytesSource(utf8(MEDIA_TYPES[form])) }
  return writeZip([mimetype, ...documents, ...metaInf])
}

/** The bytes of a file in META-INF; those are small. */
export async function metaInfBytes({ content }: AsicFile): Promise<Uint8Array> {
  return (await content.read(0, content.size)).slice()
}

/** The container with this file in META-INF, new or instead of the one of that name. */
export function withMetaInf(container: AsicContainer, name: string, bytes: Uint8Array): AsicContainer {
  const file = { name, content: bytesSource(bytes) }
  const known = container.metaInf.some(one => one.name === name)
  const metaInf = known
    ? container.metaInf.map(one => (one.name === name ? file : one))
    : [...container.metaInf, file]
  return { ...container, metaInf }
}

/** The next free name of a kind: `META-INF/signature001.p7s`. */
export function nextName({ metaInf }: AsicContainer, stem: string, extension: string): string {
  for (let n = metaInf.length + 1; ; n++) {
    const name = `${META_INF}${stem}${String(n).padStart(3, '0')}${extension}`
    if (!metaInf.some(one => one.name === name)) return name
  }
}

/** How signatures and manifests name a file: its path as a relative reference (RFC 3986, 4.2). */
export function uriOf(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}

/** @returns `undefined` for what is no path in the container */
export function nameOf(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri)
  } catch {
    return undefined
  }
}
