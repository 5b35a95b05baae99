/**
 * A PDF document as a graph of objects: header, cross-references, and objects on demand (ISO 32000-2, 7.5).
 *
 * Strict on purpose: what readers would have to repair is refused (see `refusal.ts`). Only the objects that
 * signing needs are parsed; of all others it is checked that they begin where the cross-references say.
 */
import { type ByteSource, readAheadSource } from './byte-source.ts'
import { openSecurityHandler, type SecurityHandler } from './encryption/security-handler.ts'
import { type IndirectObject, readIndirectObject } from './indirect-object.ts'
import type { Inflate } from './inflate.ts'
import { DEFAULT_PDF_LIMITS, type PdfLimits } from './limits.ts'
import { checkObjectPositions } from './object-positions.ts'
import { ObjectStream } from './object-stream.ts'
import {
  asCount,
  asName,
  isArray,
  isDictionary,
  isReference,
  isStream,
  isString,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  type PdfStream,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'
import { StreamReader } from './stream-data.ts'
import { readXrefChain, type XrefChain } from './xref-chain.ts'

export interface OpenPdfOptions {
  readonly limits?: Partial<PdfLimits>
  /** Replaces the platform's `DecompressionStream`. */
  readonly inflate?: Inflate
  /** Opens an encrypted document: the user's or the owner's, which may be empty. Without one it is refused. */
  readonly password?: string | undefined
}

/**
 * Opens a document for signing.
 *
 * @throws PdfRefusal `not-a-pdf`, `broken-xref`, `encrypted`, `password-wrong`, `encryption-unsupported`,
 *   `malformed-structure`, `unsupported-compression`, `limit-exceeded`
 */
export async function openPdf(original: ByteSource, options: OpenPdfOptions = {}): Promise<PdfDocument> {
  const source = readAheadSource(original)
  const limits = { ...DEFAULT_PDF_LIMITS, ...options.limits }
  if (source.size > limits.fileBytes) throw new PdfRefusal('limit-exceeded', 'file size')
  await checkHeader(source)
  const streams = new StreamReader(source, limits, options.inflate)
  const xref = await readXrefChain({ source, limits, streams })
  await checkObjectPositions(source, xref.table)
  const document = new PdfDocument({ source, limits, streams, xref })
  if (xref.encrypt === undefined) return document
  const security = await securityOf(document, xref.encrypt, options.password)
  return new PdfDocument({ source, limits, streams, xref, security })
}

async function securityOf(
  document: PdfDocument,
  encrypt: PdfObject,
  password: string | undefined,
): Promise<SecurityHandler> {
  if (password === undefined) throw new PdfRefusal('encrypted')
  const dictionary = await document.dictionary(encrypt, 'Encrypt')
  const id = await document.resolve(document.trailer.entries.get('ID'))
  const first = isArray(id) ? id.items[0] : undefined
  if (dictionary === undefined || !isString(first))
    throw new PdfRefusal('malformed-structure', 'Encrypt or ID')
  return openSecurityHandler({ dictionary, fileId: first.bytes, password })
}

/** 7.5.2. The header stands at offset 0: offsets in a file with something before it have two readings. */
async function checkHeader(source: ByteSource): Promise<void> {
  const bytes = await source.read(0, Math.min(8, source.size))
  if (!/^%PDF-[12]\.\d$/.test(String.fromCharCode(...bytes))) throw new PdfRefusal('not-a-pdf')
}

interface DocumentParts {
  readonly source: ByteSource
  readonly limits: PdfLimits
  readonly streams: StreamReader
  readonly xref: XrefChain
  readonly security?: SecurityHandler
}

/** A document that was opened: its objects, read and deciphered as they are asked for. */
export class PdfDocument {
  readonly source: ByteSource
  readonly limits: PdfLimits
  readonly xref: XrefChain
  /** Of an encrypted document. */
  readonly security: SecurityHandler | undefined
  readonly #streams: StreamReader
  readonly #objectStreams = new Map<number, Promise<ObjectStream>>()

  constructor({ source, limits, streams, xref, security }: DocumentParts) {
    this.security = security
    this.source = source
    this.limits = limits
    this.xref = xref
    this.#streams = streams
  }

  get trailer(): PdfDictionary {
    return this.xref.trailer
  }

  /** The object behind a reference, or the object itself. A reference to nothing is null (7.3.10). */
  async resolve(object: PdfObject | undefined): Promise<PdfObject | PdfStream> {
    if (!isReference(object)) return object ?? null
    const value = await this.#object(object)
    // 7.3.10 makes an indirect object a value, never another reference; following it could run in a circle.
    if (isReference(value))
      throw new PdfRefusal('malformed-structure', `object ${object.number} is a reference`)
    return value
  }

  /** The dictionary there; `undefined` where there is nothing; a refusal where there is something else. */
  async dictionary(object: PdfObject | undefined, what: string): Promise<PdfDictionary | undefined> {
    const value = await this.resolve(object)
    if (value === null || isDictionary(value)) return value ?? undefined
    throw new PdfRefusal('malformed-structure', `${what} is not a dictionary`)
  }

  /** The decoded data of the stream there; the filters that are understood are those of `StreamReader`. */
  async data(reference: PdfReference): Promise<Uint8Array> {
    const stream = await this.resolve(reference)
    if (!isStream(stream))
      throw new PdfRefusal('malformed-structure', `object ${reference.number} is not a stream`)
    const length = asCount(await this.resolve(stream.dictionary.entries.get('Length')))
    if (length === undefined) throw new PdfRefusal('malformed-structure', 'Length of a stream')
    return this.#decode(stream, length, reference)
  }

  #decode(stream: PdfStream, length: number, reference: PdfReference): Promise<Uint8Array> {
    const { security } = this
    return this.#streams.decode(stream, length, security && (data => security.decrypted(data, reference)))
  }

  async #object(reference: PdfReference): Promise<PdfObject | PdfStream> {
    const entry = this.xref.table.entry(reference.number)
    if (entry.kind === 'compressed')
      return reference.generation === 0 ? this.#compressed(reference, entry) : null
    if (entry.kind === 'free' || entry.generation !== reference.generation) return null
    const object = await readIndirectObject(this.source, entry.offset, this.limits)
    if (!isSame(object, reference)) throw new PdfRefusal('broken-xref', `object ${reference.number}`)
    return this.#decrypted(object.value, reference)
  }

  /** 7.6.2: strings of the encryption dictionary itself are not encrypted, nor is a cross-reference stream. */
  async #decrypted(value: PdfObject | PdfStream, reference: PdfReference): Promise<PdfObject | PdfStream> {
    const { encrypt } = this.xref
    const isEncrypt = isReference(encrypt) && encrypt.number === reference.number
    if (this.security === undefined || isEncrypt || isStream(value)) return value
    return this.security.decryptedValue(value, reference)
  }

  async #compressed(
    { number }: PdfReference,
    { stream, index }: { readonly stream: number; readonly index: number },
  ): Promise<PdfObject> {
    const opening = this.#objectStreams.get(stream) ?? this.#openObjectStream(stream)
    this.#objectStreams.set(stream, opening)
    return (await opening).object(number, index)
  }

  /** An object stream is never inside another one (7.5.7), which also bounds the depth at one. */
  async #openObjectStream(number: number): Promise<ObjectStream> {
    const entry = this.xref.table.entry(number)
    if (entry.kind !== 'offset') throw new PdfRefusal('broken-xref', `object stream ${number}`)
    const reference: PdfReference = { type: 'reference', number, generation: entry.generation }
    const value = await this.#object(reference)
    if (!isStream(value) || asName(value.dictionary.entries.get('Type')) !== 'ObjStm') {
      throw new PdfRefusal('broken-xref', `object ${number} is not an object stream`)
    }
    const data = await this.#decode(value, await this.#streamLength(value, number), reference)
    return new ObjectStream(value.dictionary, data, this.limits)
  }

  /** Length may be indirect, but not kept in an object stream, whose own length one would need first (7.5.7). */
  async #streamLength({ dictionary }: PdfStream, number: number): Promise<number> {
    const object = dictionary.entries.get('Length')
    if (isReference(object) && this.xref.table.entry(object.number).kind === 'compressed') {
      throw new PdfRefusal('malformed-structure', `Length of object stream ${number}`)
    }
    const length = asCount(await this.resolve(object))
    if (length === undefined) throw new PdfRefusal('malformed-structure', `Length of object stream ${number}`)
    return length
  }
}

function isSame(object: IndirectObject | undefined, reference: PdfReference): object is IndirectObject {
  return object?.number === reference.number && object.generation === reference.generation
}
