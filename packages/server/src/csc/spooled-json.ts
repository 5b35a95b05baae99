/**
 * A JSON text with documents in it, read as it comes in: the documents go to the disk, and what is left is a small text
 * that is parsed like any other request.
 *
 * A document is a string at `documents[].document` (CSC API v2.0.0.2, 11.11). In the text that is left its number stands
 * in its place; every string at that place is such a number, so that no client can name the document of another place.
 */
import { fromUtf8 } from '@natsuin/pki/encoding'
import { parseUnambiguousJson } from '@natsuin/protocol/shape'
import { Base64File, type SpooledDocument } from '../documents/base64-file.ts'
import type { SpoolFolder } from '../documents/spool.ts'
import { RequestRefused } from './errors.ts'

export interface SpooledJson {
  readonly value: unknown
  /** By the number that stands in their place. */
  readonly documents: readonly SpooledDocument[]
}

export interface SpooledJsonLimits {
  /** Of everything but the documents. */
  readonly maxJsonBytes: number
  /** Of all documents together. */
  readonly maxDocumentBytes: number
}

const MAX_DOCUMENTS = 100

/** @throws RequestRefused `body-too-large` @throws JsonRefused */
export async function readSpooledJson(
  body: AsyncIterable<Uint8Array>,
  folder: SpoolFolder,
  limits: SpooledJsonLimits,
): Promise<SpooledJson> {
  const reader = new Reader(folder, limits)
  try {
    for await (const piece of body) await reader.take(latin1(piece))
    return reader.end()
  } finally {
    await reader.close()
  }
}

/** An object or array that is open: the member that is being read, and whether a name comes next. */
interface Level {
  readonly isObject: boolean
  name: string
  isName: boolean
}

/** Octets are held as characters of the same number; what is left becomes text at its end. */
class Reader {
  readonly #folder: SpoolFolder
  readonly #limits: SpooledJsonLimits
  readonly #levels: Level[] = []
  readonly #documents: SpooledDocument[] = []
  #left: string[] = []
  #leftBytes = 0
  #documentBytes = 0
  /** Of the string that is being read; `undefined` between strings. */
  #string: string | undefined
  /** An escape sequence as far as it has come in. */
  #escape = ''
  #document: Base64File | undefined

  constructor(folder: SpoolFolder, limits: SpooledJsonLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  async take(text: string): Promise<void> {
    for (let at = 0; at < text.length; ) {
      at = this.#document === undefined ? await this.#structure(text, at) : await this.#inDocument(text, at)
    }
  }

  end(): SpooledJson {
    const text = fromUtf8(Buffer.from(this.#left.join(''), 'latin1'))
    if (text === undefined || this.#document !== undefined) throw new RequestRefused('body-malformed')
    return { value: parseUnambiguousJson(text), documents: this.#documents }
  }

  /** After a body that broke off. */
  async close(): Promise<void> {
    await this.#document?.close()
  }

  async #structure(text: string, from: number): Promise<number> {
    let at = from
    let isDocument = false
    while (at < text.length && !isDocument) isDocument = this.#character(text.charAt(at++))
    this.#leave(text.slice(from, at))
    if (isDocument) await this.#beginDocument()
    return at
  }

  /** @returns whether a document begins behind it */
  #character(character: string): boolean {
    if (this.#string !== undefined) {
      this.#inString(character)
      return false
    }
    if (character === '"' && this.#isDocumentNext()) return true
    STRUCTURE[character]?.(this.#levels)
    if (character === '"') this.#string = ''
    return false
  }

  #inString(character: string): void {
    if (character !== '"' || this.#escape !== '') {
      this.#string += character
      this.#escape = character === '\\' && this.#escape === '' ? character : ''
      return
    }
    const level = this.#levels.at(-1)
    if (level?.isName) level.name = decoded(this.#string ?? '')
    this.#string = undefined
  }

  #isDocumentNext(): boolean {
    const [root, list, entry, deeper] = this.#levels
    if (deeper !== undefined || entry === undefined) return false
    const isInDocuments = root?.name === 'documents' && root.isObject && list?.isObject === false
    return isInDocuments && entry.isObject && !entry.isName && entry.name === 'document'
  }

  async #beginDocument(): Promise<void> {
    const number = this.#documents.length
    if (number >= MAX_DOCUMENTS) throw new RequestRefused('hashes-too-many')
    this.#document = await Base64File.create(this.#folder.path(`document-${number}`))
  }

  async #inDocument(text: string, from: number): Promise<number> {
    if (this.#escape !== '') return this.#inEscape(text.charAt(from), from)
    END_OF_PLAIN.lastIndex = from
    const end = END_OF_PLAIN.exec(text)?.index ?? text.length
    await this.#give(text.slice(from, end))
    if (text.charAt(end) === '\\') this.#escape = '\\'
    if (text.charAt(end) === '"') await this.#endDocument()
    return end + 1
  }

  /** Writers of JSON may spell any character as an escape, and several do so with `+` and `/` (RFC 8259, 7). */
  async #inEscape(character: string, at: number): Promise<number> {
    this.#escape += character
    const length = this.#escape.charAt(1) === 'u' ? '\\u0000'.length : '\\/'.length
    if (this.#escape.length < length) return at + 1
    await this.#give(decoded(this.#escape))
    this.#escape = ''
    return at + 1
  }

  async #give(text: string): Promise<void> {
    await this.#document?.take(text)
    if (this.#documentBytes + (this.#document?.size ?? 0) > this.#limits.maxDocumentBytes) {
      throw new RequestRefused('body-too-large')
    }
  }

  async #endDocument(): Promise<void> {
    const spooled = await this.#document?.finish()
    this.#document = undefined
    if (spooled === undefined) return
    this.#documentBytes += spooled.size
    if (this.#documentBytes > this.#limits.maxDocumentBytes) throw new RequestRefused('body-too-large')
    this.#leave(`${this.#documents.length}"`)
    this.#documents.push(spooled)
  }

  #leave(text: string): void {
    this.#leftBytes += text.length
    if (this.#leftBytes > this.#limits.maxJsonBytes) throw new RequestRefused('body-too-large')
    this.#left.push(text)
  }
}

/** Without a copy of the octets. */
const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

const END_OF_PLAIN = /["\\]/g

/** What each character does to the open objects and arrays; what is not JSON the parser refuses afterwards. */
const STRUCTURE: Readonly<Record<string, (levels: Level[]) => void>> = {
  '{': levels => void levels.push({ isObject: true, name: '', isName: true }),
  '[': levels => void levels.push({ isObject: false, name: '', isName: false }),
  '}': levels => void levels.pop(),
  ']': levels => void levels.pop(),
  ':': levels => expectName(levels, false),
  ',': levels => expectName(levels, true),
}

function expectName(levels: readonly Level[], isName: boolean): void {
  const level = levels.at(-1)
  if (level?.isObject) level.isName = isName
}

/** The characters that a spelling means; the spelling itself where it means none. */
function decoded(spelling: string): string {
  try {
    return String(JSON.parse(`"${spelling}"`))
  } catch {
    return spelling
  }
}
