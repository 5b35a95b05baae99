/**
 * JSON with whole documents in it, in base64, read as it comes: the long values leave decoded, a piece at a time, and what
 * remains is an ordinary answer in which they are empty texts.
 *
 * Only as much of JSON is understood here as it takes to find the elements of two arrays; what remains goes through
 * `JSON.parse`, which says whether it is JSON.
 */
import { bytesIn } from '../base64.ts'
import { UnexpectedAnswer } from '../csc-error.ts'

/** Takes a long value in. */
export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  end(): Promise<void>
}

export interface LongPlaces {
  /** Names of members of the outermost object, arrays of long values. */
  readonly members: readonly string[]
  /** Where an element of such an array goes to. */
  open(member: string, index: number): Promise<Sink>
}

/** @throws UnexpectedAnswer, and what the sinks throw */
export async function readLong(response: Response, places: LongPlaces): Promise<unknown> {
  const reader = new LongReader(places)
  const decoder = new TextDecoder()
  for await (const chunk of chunksOf(response)) await reader.take(decoder.decode(chunk, { stream: true }))
  try {
    return JSON.parse(reader.rest)
  } catch {
    throw new UnexpectedAnswer('the answer is not JSON')
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  for (;;) {
    const chunk = await reader?.read()
    if (chunk?.value === undefined) return
    yield chunk.value
  }
}

/** What an answer may hold beside the long values. */
const MAX_REST_CHARACTERS = 16 * 1024 * 1024

class LongReader {
  /** The answer without its long values. */
  rest = ''
  readonly #outline: Outline
  readonly #places: LongPlaces
  #long: LongValue | undefined

  constructor(places: LongPlaces) {
    this.#places = places
    this.#outline = new Outline(places.members)
  }

  async take(text: string): Promise<void> {
    for (let at = 0; at < text.length; ) {
      at =
        this.#long === undefined ? await this.#takeRest(text, at) : await this.#takeLong(this.#long, text, at)
    }
  }

  /** As far as the next long value. */
  async #takeRest(text: string, from: number): Promise<number> {
    let at = from
    let isLong = false
    while (at < text.length && !isLong) isLong = this.#outline.step(text.charAt(at++))
    this.rest += text.slice(from, at)
    if (this.rest.length > MAX_REST_CHARACTERS) throw new UnexpectedAnswer('the answer is too large')
    const { member, index } = this.#outline
    if (isLong) this.#long = new LongValue(await this.#places.open(member, index))
    return at
  }

  /** Base64 holds no quotation mark, escaped or not. */
  async #takeLong(long: LongValue, text: string, from: number): Promise<number> {
    const end = text.indexOf('"', from)
    await long.take(text.slice(from, end === -1 ? undefined : end))
    if (end === -1) return text.length
    await long.end()
    this.#long = undefined
    this.rest += '"'
    return end + 1
  }
}

/** Where in the answer the reading is. */
class Outline {
  /** Of the outermost object: the member that is being read. */
  member = ''
  /** Of that member, if it is an array: the element. */
  index = 0
  readonly #longMembers: readonly string[]
  #depth = 0
  /** The text that is being read, and the last one that was. */
  #text: string | undefined
  #lastText = ''
  #escaped = false

  constructor(longMembers: readonly string[]) {
    this.#longMembers = longMembers
  }

  /** Whether this character begins a long value, which the caller reads past its closing quotation mark. */
  step(character: string): boolean {
    if (this.#text !== undefined) this.#stepInText(this.#text, character)
    else if (character !== '"') STRUCTURE[character]?.(this)
    else if (this.#depth === 2 && this.#longMembers.includes(this.member)) return true
    else this.#text = ''
    return false
  }

  #stepInText(text: string, character: string): void {
    if (character === '"' && !this.#escaped) {
      this.#lastText = text
      this.#text = undefined
      return
    }
    this.#text = text + character
    this.#escaped = character === '\\' && !this.#escaped
  }

  enter(): void {
    this.#depth += 1
    if (this.#depth === 2) this.index = 0
  }

  leave(): void {
    this.#depth -= 1
  }

  name(): void {
    if (this.#depth === 1) this.member = this.#lastText
  }

  next(): void {
    if (this.#depth === 2) this.index += 1
  }
}

const STRUCTURE: Readonly<Record<string, (outline: Outline) => void>> = {
  '{': outline => outline.enter(),
  '[': outline => outline.enter(),
  '}': outline => outline.leave(),
  ']': outline => outline.leave(),
  ':': outline => outline.name(),
  ',': outline => outline.next(),
}

/** One text of base64 on its way into its sink. */
class LongValue {
  readonly #sink: Sink
  #carried = ''

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** JSON may write a slash with a backslash before it, and the ends of lines as two characters. */
  async take(piece: string): Promise<void> {
    const text = this.#carried + piece
    // A backslash at the end belongs to what comes next.
    const whole = text.endsWith('\\') ? text.slice(0, -1) : text
    const base64 = whole.replaceAll(/\\[rn]|\\|\s/g, '')
    const usable = base64.length - (base64.length % 4)
    this.#carried = base64.slice(usable) + text.slice(whole.length)
    if (usable > 0) await this.#sink.write(bytesIn(base64.slice(0, usable), 'a document'))
  }

  async end(): Promise<void> {
    if (this.#carried !== '') await this.#sink.write(bytesIn(this.#carried, 'a document'))
    await this.#sink.end()
  }
}
