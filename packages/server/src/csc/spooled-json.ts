/**
 * A JSON text with documents in it, read as it comes in: the documents go to the disk, and what is left is a small text
 * that is parsed like any other request.
 *
 * A document is a string at `documents[].document` (CSC API v2.0.0.2, 11.11). In the text that is left its number stands
 * in its place; every string at that place is such a number, so that no client can name the document of another place.
 */
import { fromUtf8, join, utf8 } from '@natsuin/pki/encoding'
import { MAX_HASHES } from '@natsuin/protocol/csc'
import { parseUnambiguousJson } from '@natsuin/protocol/shape'
import { Base64File, type SpooledDocument } from '../documents/base64-file.ts'
import type { SpoolFolder } from '../documents/spool.ts'
import { withoutGarbage } from '../documents/without-garbage.ts'
import { RequestRefused } from './errors.ts'

export interface SpooledJson {
  readonly value: unknown
  /** By the number that stands in their place. */
  readonly documents: readonly SpooledDocument[]
}

export interface SpooledJsonLimits {
  /** Of everything but the documents. */
  readonly maxJsonBytes: number
  /** Of all documents together, also of those that are not base64. */
  readonly maxDocumentBytes: number
}

/** @throws RequestRefused `body-too-large` @throws JsonRefused */
export async function readSpooledJson(
  body: AsyncIterable<Uint8Array>,
  folder: SpoolFolder,
  limits: SpooledJsonLimits,
): Promise<SpooledJson> {
  const reader = new Reader(folder, limits)
  try {
    for await (const piece of withoutGarbage(body)) await reader.take(piece)
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

/** Everything is octets until the end: those of documents go to their file, of the others a text is made. */
class Reader {
  readonly #folder: SpoolFolder
  readonly #limits: SpooledJsonLimits
  readonly #levels: Level[] = []
  readonly #documents: SpooledDocument[] = []
  readonly #left: Uint8Array[] = []
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

  async take(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      at = this.#document === undefined ? await this.#structure(piece, at) : await this.#inDocument(piece, at)
    }
  }

  end(): SpooledJson {
    const text = fromUtf8(join(this.#left))
    if (text === undefined || this.#document !== undefined) throw new RequestRefused('body-malformed')
    return { value: parseUnambiguousJson(text), documents: this.#documents }
  }

  /** After a body that broke off. */
  async close(): Promise<void> {
    await this.#document?.close()
  }

  async #structure(piece: Uint8Array, from: number): Promise<number> {
    let at = from
    let isDocument = false
    while (at < piece.length && !isDocument) isDocument = this.#character(characterAt(piece, at++))
    // A copy, which `slice` of a Buffer is not: the piece is given back.
    this.#leave(new Uint8Array(piece.subarray(from, at)))
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
    // The parser has the same limit, at the end: until then each of them would be kept.
    if ((character === '{' || character === '[') && this.#levels.length >= MAX_DEPTH)
      throw new RequestRefused('body-malformed')
    STRUCTURE[character]?.(this.#levels)
    if (character === '"') this.#string = ''
    return false
  }

  #inString(character: string): void {
    if (character !== '"' || this.#escape !== '') {
      this.#keep(character)
      this.#escape = character === '\\' && this.#escape === '' ? character : ''
      return
    }
    const level = this.#levels.at(-1)
    if (level?.isName) level.name = decoded(this.#string ?? '')
    this.#string = undefined
  }

  /** Names alone are wanted here, and as much of them as the one that is looked for has in its longest spelling. */
  #keep(character: string): void {
    const isWanted = this.#levels.at(-1)?.isName && (this.#string?.length ?? 0) < LONGEST_NAME
    if (isWanted) this.#string += character
  }

  #isDocumentNext(): boolean {
    const [root, list, entry, deeper] = this.#levels
    if (deeper !== undefined || entry === undefined) return false
    const isInDocuments = root?.name === 'documents' && root.isObject && list?.isObject === false
    return isInDocuments && entry.isObject && !entry.isName && entry.name === 'document'
  }

  async #beginDocument(): Promise<void> {
    const number = this.#documents.length
    if (number >= MAX_HASHES) throw new RequestRefused('hashes-too-many')
    this.#document = await Base64File.create(this.#folder.path(`document-${number}`))
  }

  async #inDocument(piece: Uint8Array, from: number): Promise<number> {
    if (this.#escape !== '') return this.#inEscape(characterAt(piece, from), from)
    const end = endOfPlain(piece, from)
    await this.#give(piece.subarray(from, end))
    if (piece[end] === BACKSLASH) this.#escape = '\\'
    if (piece[end] === QUOTE) await this.#endDocument()
    return end + 1
  }

  /** Writers of JSON may spell any character as an escape, and several do so with `+` and `/` (RFC 8259, 7). */
  async #inEscape(character: string, at: number): Promise<number> {
    this.#escape += character
    const length = this.#escape.charAt(1) === 'u' ? '\\u0000'.length : '\\/'.length
    if (this.#escape.length < length) return at + 1
    await this.#give(utf8(decoded(this.#escape)))
    this.#escape = ''
    return at + 1
  }

  async #give(characters: Uint8Array): Promise<void> {
    await this.#document?.take(characters)
    if (this.#documentBytes + (this.#document?.size ?? 0) > this.#limits.maxDocumentBytes) {
      throw new RequestRefused('body-too-large')
    }
  }

  async #endDocument(): Promise<void> {
    const spooled = await this.#document?.finish()
    this.#document = undefined
    if (spooled === undefined) return
    this.#documentBytes += spooled.size
    this.#leave(utf8(`${this.#documents.length}"`))
    this.#documents.push(spooled)
  }

  #leave(bytes: Uint8Array): void {
    this.#leftBytes += bytes.length
    if (this.#leftBytes > this.#limits.maxJsonBytes) throw new RequestRefused('body-too-large')
    this.#left.push(bytes)
  }
}

/** threats.md, 4. */
const MAX_DEPTH = 16
/** `documents`, each character as an escape, and one more that makes it another name. */
const LONGEST_NAME = 'documents'.length * '\\u0000'.length + 1
const QUOTE = '"'.charCodeAt(0)
const BACKSLASH = '\\'.charCodeAt(0)

const characterAt = (piece: Uint8Array, at: number): string => String.fromCharCode(piece[at] ?? 0)

function endOfPlain(piece: Uint8Array, from: number): number {
  let at = from
  while (at < piece.length && piece[at] !== QUOTE && piece[at] !== BACKSLASH) at += 1
  return at
}

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
