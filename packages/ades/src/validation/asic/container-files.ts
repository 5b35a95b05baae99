/** A container under validation: EN 319 162-1 V1.1.1, 4.3.3.1 and 4.4.4.1 and A.1. Its files are names and contents, and go nowhere. */
import { equal, join, utf8 } from '@natsuin/pki/encoding'
import type { ByteSource } from '../../pdf/byte-source.ts'
import { readZip, type ZipEntry, type ZipLimits } from '../../zip/read.ts'
import { ValidationEnded } from '../verdict.ts'

export interface ContainerFiles {
  readonly form: 'ASiC-S' | 'ASiC-E'
  /** Outside META-INF. */
  readonly documents: ReadonlyMap<string, ByteSource>
  /** In META-INF; those are small, and have been read. */
  readonly metaInf: ReadonlyMap<string, Uint8Array>
  /** Of files that were hashed already: a thousand manifests may name the same file. */
  readonly digests: Map<string, Uint8Array>
}

const FORMS = [
  ['ASiC-S', utf8('application/vnd.etsi.asic-s+zip')],
  ['ASiC-E', utf8('application/vnd.etsi.asic-e+zip')],
] as const

/** @throws ValidationEnded, ZipRefusal */
export async function openContainer(source: ByteSource, limits?: ZipLimits): Promise<ContainerFiles> {
  const [mimetype, ...entries] = await readZip(source, limits)
  if (mimetype?.name !== 'mimetype' || mimetype.compressed || mimetype.extraBytes > 0)
    throw new ValidationEnded('FORMAT_FAILURE', 'mimetype is not first, or not as it is')
  const type = await bytesOf(mimetype)
  const form = FORMS.find(([, bytes]) => equal(bytes, type))?.[0]
  if (form === undefined) throw new ValidationEnded('FORMAT_FAILURE', 'mimetype is of no container')
  const documents = new Map<string, ByteSource>()
  const metaInf = new Map<string, Uint8Array>()
  for (const entry of entries) {
    if (entry.name.startsWith('META-INF/')) metaInf.set(entry.name, await bytesOf(entry))
    else documents.set(entry.name, await sourceOf(source, entry))
  }
  return { form, documents, metaInf, digests: new Map() }
}

async function sourceOf(source: ByteSource, entry: ZipEntry): Promise<ByteSource> {
  if (entry.place !== undefined) {
    const { start, end } = entry.place
    return { size: end - start, read: (offset, length) => source.read(start + offset, length) }
  }
  const bytes = await bytesOf(entry)
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

async function bytesOf({ pieces }: ZipEntry): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  for await (const piece of pieces()) read.push(piece.slice())
  return join(read)
}
