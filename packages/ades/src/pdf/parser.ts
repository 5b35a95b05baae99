/**
 * Objects from bytes: ISO 32000-2, 7.2 (lexical conventions) and 7.3 (objects), read strictly.
 *
 * The parser works on a window of the file. Where the window ends before the object does it throws
 * `WindowExhausted`, and the caller asks again with a larger one (`window.ts`); only at the end of the file
 * is an unfinished object malformed. A key twice in one dictionary is refused: readers disagree on which one
 * counts.
 */

import type {
  PdfArray,
  PdfDictionary,
  PdfName,
  PdfNumber,
  PdfObject,
  PdfReference,
  PdfString,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

/** The window is too small; not an error of the document. */
export class WindowExhausted extends Error {}

export interface ParserWindow {
  readonly bytes: Uint8Array
  /** Offset of the window's first byte in the file or stream, for messages and stream positions. */
  readonly base: number
  /** Nothing follows the window. */
  readonly complete: boolean
  /** Nesting of arrays and dictionaries that is accepted. */
  readonly depth: number
}

const WHITE_SPACE = new Set([0x00, 0x09, 0x0a, 0x0c, 0x0d, 0x20])
const DELIMITERS = new Set([...'()<>[]{}/%'].map(character => character.charCodeAt(0)))
const END = -1
const [LF, CR, PERCENT, OPEN, CLOSE, SOLIDUS, LESS, GREATER, BRACKET, BACKSLASH, BRACKET_END] = [
  0x0a, 0x0d, 0x25, 0x28, 0x29, 0x2f, 0x3c, 0x3e, 0x5b, 0x5c, 0x5d,
]
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/
const ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, f: 0x0c }

export class PdfParser {
  readonly #window: ParserWindow
  #at = 0

  constructor(window: ParserWindow, at = 0) {
    this.#window = window
    this.#at = at
  }

  /** Position in the file of the next byte. */
  get offset(): number {
    return this.#window.base + this.#at
  }

  /** The next object, white space and comments before it skipped. */
  object(depth = 0): PdfObject {
    this.skipSpace()
    const byte = this.#peek()
    if (byte === SOLIDUS) return this.#name()
    if (byte === OPEN) return this.#literalString()
    if (byte === BRACKET) return this.#array(this.#deeper(depth))
    if (byte === LESS)
      return this.#peek(1) === LESS ? this.#dictionary(this.#deeper(depth)) : this.#hexString()
    return this.#numberOrKeyword()
  }

  /** Reads `N G obj`; `undefined` when something else stands there. */
  objectHeader(): { readonly number: number; readonly generation: number } | undefined {
    const number = this.#integerToken()
    const generation = number === undefined ? undefined : this.#integerToken()
    if (number === undefined || generation === undefined || !this.keyword('obj')) return undefined
    return { number, generation }
  }

  /** A whole number of at least 0 as a token of its own; `undefined` (nothing consumed) for anything else. */
  #integerToken(): number | undefined {
    const start = this.#at
    this.skipSpace()
    const token = this.#regularToken()
    if (/^\d{1,10}$/.test(token)) return Number(token)
    this.#at = start
    return undefined
  }

  integer(): number {
    return this.#integerToken() ?? this.#refuse('a whole number was expected')
  }

  /** Consumes the keyword and says so, or consumes nothing. */
  keyword(word: string): boolean {
    const start = this.#at
    this.skipSpace()
    if (this.#regularToken() === word) return true
    this.#at = start
    return false
  }

  /** After the keyword `stream`: CR LF or LF, nothing else (7.3.8.1). */
  streamEndOfLine(): void {
    if (this.#peek() === CR) this.#at++
    if (this.#peek() !== LF) this.#refuse('the keyword stream is not followed by LF or CR LF')
    this.#at++
  }

  skipSpace(): void {
    for (;;) {
      const byte = this.#peek()
      if (byte === PERCENT) this.#skipComment()
      else if (WHITE_SPACE.has(byte)) this.#at++
      else return
    }
  }

  #skipComment(): void {
    for (let byte = this.#peek(); byte !== LF && byte !== CR && byte !== END; byte = this.#peek()) this.#at++
  }

  #peek(ahead = 0): number {
    const byte = this.#window.bytes[this.#at + ahead]
    if (byte !== undefined) return byte
    if (this.#window.complete) return END
    throw new WindowExhausted()
  }

  #take(): number {
    const byte = this.#peek()
    if (byte === END) this.#refuse('the file ends inside an object')
    this.#at++
    return byte
  }

  #regularToken(): string {
    const start = this.#at
    for (let byte = this.#peek(); isRegular(byte); byte = this.#peek()) this.#at++
    return latin1(this.#window.bytes.subarray(start, this.#at))
  }

  #numberOrKeyword(): PdfObject {
    const token = this.#regularToken()
    if (NUMBER.test(token)) return this.#reference(token) ?? number(token)
    if (token === 'true') return true
    if (token === 'false') return false
    if (token === 'null') return null
    return this.#refuse('an object was expected')
  }

  /** `N G R`, when two tokens that make it one follow; otherwise nothing is consumed. */
  #reference(token: string): PdfReference | undefined {
    if (!/^\d{1,10}$/.test(token)) return undefined
    const start = this.#at
    const generation = this.#integerToken()
    if (generation !== undefined && this.keyword('R'))
      return { type: 'reference', number: Number(token), generation }
    this.#at = start
    return undefined
  }

  #name(): PdfName {
    this.#at++
    const token = this.#regularToken()
    const decoded = token.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    )
    return { type: 'name', name: decoded }
  }

  #array(depth: number): PdfArray {
    this.#at++
    const items: PdfObject[] = []
    for (this.skipSpace(); this.#peek() !== BRACKET_END; this.skipSpace()) items.push(this.object(depth))
    this.#at++
    return { type: 'array', items }
  }

  #dictionary(depth: number): PdfDictionary {
    this.#at += 2
    const entries = new Map<string, PdfObject>()
    for (this.skipSpace(); this.#peek() !== GREATER; this.skipSpace()) {
      if (this.#peek() !== SOLIDUS) this.#refuse('a dictionary key is not a name')
      const { name } = this.#name()
      if (entries.has(name)) this.#refuse('a dictionary has the same key twice')
      entries.set(name, this.object(depth))
    }
    this.#at++
    if (this.#take() !== GREATER) this.#refuse('a dictionary is not closed')
    return { type: 'dictionary', entries }
  }

  #hexString(): PdfString {
    this.#at++
    let digits = ''
    for (let byte = this.#take(); byte !== GREATER; byte = this.#take()) {
      if (!WHITE_SPACE.has(byte)) digits += String.fromCharCode(byte)
    }
    if (!/^[0-9A-Fa-f]*$/.test(digits)) this.#refuse('a hexadecimal string holds something else')
    // An odd last digit stands for itself and a zero (7.3.4.3).
    return { type: 'string', bytes: hexBytes(digits.length % 2 === 0 ? digits : `${digits}0`) }
  }

  #literalString(): PdfString {
    this.#at++
    const bytes: number[] = []
    for (let open = 1; open > 0; ) {
      const byte = this.#take()
      if (byte === OPEN) open++
      if (byte === CLOSE) open--
      if (byte === BACKSLASH) bytes.push(...this.#escape())
      else if (byte === CR) bytes.push(this.#endOfLine())
      else if (open > 0) bytes.push(byte)
    }
    return { type: 'string', bytes: Uint8Array.from(bytes) }
  }

  /** Every end of line inside a literal string counts as one LF (7.3.4.2). */
  #endOfLine(): number {
    if (this.#peek() === LF) this.#at++
    return LF
  }

  /** What follows a reverse solidus (7.3.4.2, table 3); an end of line there is no character at all. */
  #escape(): readonly number[] {
    const byte = this.#take()
    if (byte === LF) return []
    if (byte === CR) {
      this.#endOfLine()
      return []
    }
    if (isOctal(byte)) return [this.#octal(byte)]
    return [ESCAPES[String.fromCharCode(byte)] ?? byte]
  }

  #octal(first: number): number {
    let value = first - 0x30
    for (let digits = 1; digits < 3 && isOctal(this.#peek()); digits++)
      value = value * 8 + this.#take() - 0x30
    return value & 0xff
  }

  #deeper(depth: number): number {
    if (depth >= this.#window.depth)
      throw new PdfRefusal('limit-exceeded', 'nesting of arrays and dictionaries')
    return depth + 1
  }

  #refuse(detail: string): never {
    throw new PdfRefusal('malformed-structure', `${detail}, offset ${this.offset}`)
  }
}

function isRegular(byte: number): boolean {
  return byte !== END && !WHITE_SPACE.has(byte) && !DELIMITERS.has(byte)
}

function isOctal(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x37
}

function number(spelling: string): PdfNumber {
  return { type: 'number', value: Number(spelling), spelling }
}

function hexBytes(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
}

/** One character per byte; a loop because spreading a large array overflows the stack. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
