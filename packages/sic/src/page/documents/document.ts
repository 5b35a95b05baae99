/**
 * One document that somebody gave the page: which items it is, by its digest alone, and what of it may not be shown.
 *
 * A PDF that is prepared for signing is known by the digest over its ByteRange, unless the digest of the whole file is what is
 * approved; anything else by the digest of the whole file, as a detached CAdES signature covers it. Names, types and whoever
 * gave it say nothing.
 */
import { digestOfPreparedPdf } from '@natsuin/ades/pades'
import {
  type ByteSource,
  bytesSource,
  digestRange,
  PdfRefusal,
  type PresentationRisk,
  presentationRisks,
} from '@natsuin/ades/pdf'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { equal, toHex } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { PendingItem } from '../approval.ts'
import { Problem } from '../problem.ts'

/** A document that was found to be an item. */
export interface SeenDocument {
  readonly blob: Blob
  /** Whether the page can show it. */
  readonly kind: 'pdf' | 'other'
  readonly risks: readonly PresentationRisk[]
}

export interface Found {
  /** Of the items; one document may be several. */
  readonly indexes: readonly number[]
  readonly document: SeenDocument
}

/** Looks at documents for one request. */
export class Examiner {
  readonly #algorithm: DigestAlgorithm
  readonly #platform: Digest
  /** By the digest of the document as it is prepared, and by that of the whole file. */
  readonly #prepared = new Map<string, number[]>()
  readonly #whole = new Map<string, number[]>()

  constructor(items: readonly PendingItem[], algorithm: DigestAlgorithm, platform: Digest) {
    this.#algorithm = algorithm
    this.#platform = platform
    for (const [index, item] of items.entries()) {
      const { documentDigest } = ('hashType' in item ? item : item.preimage) ?? {}
      if (documentDigest === undefined) continue
      const isWholeFile = 'hashType' in item && item.hashType === 'sodr'
      for (const known of isWholeFile ? [this.#whole] : [this.#prepared, this.#whole]) {
        const key = toHex(documentDigest)
        known.set(key, [...(known.get(key) ?? []), index])
      }
    }
  }

  /** @throws Problem `document-unreadable`, `document-too-large`, `document-not-prepared`, `document-unknown` */
  async examine(blob: Blob): Promise<Found> {
    if (blob.size > MAX_DOCUMENT_BYTES) throw new Problem('document-too-large')
    const source = await sourceOf(blob)
    const isPdf = await beginsAsPdf(source)
    const indexes = await this.#indexesOf(source, isPdf)
    const risks = isPdf ? await presentationRisks(source) : []
    return { indexes, document: { blob, kind: isPdf ? 'pdf' : 'other', risks } }
  }

  /**
   * The bytes of a document that was seen, if it is still the one: a file on disk can be another by now.
   * @throws Problem `document-unreadable`, `document-changed`
   */
  async bytesAgain({ blob }: SeenDocument, index: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await readBytes(blob)
    const source = bytesSource(bytes)
    const indexes = await this.#indexesOf(source, await beginsAsPdf(source)).catch(notAnyMore)
    if (!indexes.includes(index)) throw new Problem('document-changed')
    return bytes
  }

  async #indexesOf(source: ByteSource, isPdf: boolean): Promise<readonly number[]> {
    const prepared = isPdf ? await this.#preparedDigest(source) : undefined
    const asPrepared = prepared && this.#prepared.get(toHex(prepared))
    const found = asPrepared ?? this.#whole.get(toHex(await this.#wholeDigest(source)))
    if (found !== undefined) return found
    throw new Problem(isPdf && prepared === undefined ? 'document-not-prepared' : 'document-unknown')
  }

  async #preparedDigest(source: ByteSource): Promise<Uint8Array | undefined> {
    try {
      return (await digestOfPreparedPdf(source, this.#platform, this.#algorithm)).digest
    } catch (error) {
      if (error instanceof PdfRefusal) return undefined
      throw error
    }
  }

  async #wholeDigest(source: ByteSource): Promise<Uint8Array> {
    if (source.size <= AT_ONCE)
      return this.#platform.digest(this.#algorithm, await source.read(0, source.size))
    const digest = this.#platform.stream(this.#algorithm)
    await digestRange(source, { offset: 0, length: source.size }, digest)
    return digest.finish()
  }
}

function notAnyMore(error: unknown): readonly number[] {
  if (error instanceof Problem) return []
  throw error
}

/** What the page holds and shows; longer documents are for a program of one's own. */
export const MAX_DOCUMENT_BYTES = 100 * 1024 * 1024
/** Shorter documents are read once, longer ones in pieces. */
const AT_ONCE = 4 * 1024 * 1024

async function sourceOf(blob: Blob): Promise<ByteSource> {
  return blob.size <= AT_ONCE ? bytesSource(await readBytes(blob)) : readableSource(blob)
}

/** A file that was moved or changed since it was chosen cannot be read any more. @throws Problem */
async function readBytes(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer())
  } catch (cause) {
    throw new Problem('document-unreadable', {}, { cause })
  }
}

function readableSource(blob: Blob): ByteSource {
  const { size } = blob
  return { size, read: (offset, length) => readBytes(blob.slice(offset, offset + length)) }
}

const PDF_HEAD = Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0x2d)

async function beginsAsPdf(source: ByteSource): Promise<boolean> {
  return source.size > PDF_HEAD.length && equal(await source.read(0, PDF_HEAD.length), PDF_HEAD)
}
