/**
 * A file that is written from base64 as it comes in (RFC 4648, 4): strictly, and through one buffer, so that a document of any
 * length leaves no garbage behind.
 *
 * What is not base64 does not end the reading: what else is wrong with a request is said in the standard's order. It is as
 * long as it would be if it were base64, so that it ends where any other document does (T-DOS-01).
 */
import { type FileHandle, open } from 'node:fs/promises'

/** A document of a request. */
export interface SpooledDocument {
  readonly path: string
  /** In octets; with what is not in the file because it was not base64. */
  readonly size: number
  readonly isBase64: boolean
}

const BUFFER_BYTES = 96 * 1024
const PAD = '='.charCodeAt(0)
const NONE = 0xff
/** What each character means: its place in the alphabet. */
const VALUES = new Uint8Array(256).fill(NONE)
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  VALUES[character.charCodeAt(0)] = value
}

export class Base64File {
  readonly #path: string
  readonly #file: FileHandle
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #filled = 0
  #written = 0
  /** The bits of the group that is not whole, how many characters it has, and how many of them are padding. */
  #bits = 0
  #characters = 0
  #padding = 0
  #isBase64 = true
  /** Characters from the first wrong one on. */
  #ignored = 0

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  static async create(path: string): Promise<Base64File> {
    return new Base64File(path, await open(path, 'wx', 0o600))
  }

  /** As in `SpooledDocument`, so far. */
  get size(): number {
    return this.#written + this.#filled + Math.ceil((this.#ignored * 3) / 4)
  }

  /** @param characters  one octet each */
  async take(characters: Uint8Array): Promise<void> {
    let at = 0
    while (at < characters.length && this.#isBase64) {
      at = this.#characters === 0 && this.#padding === 0 ? this.#decodeGroups(characters, at) : at
      at = this.#decode(characters, at)
      if (this.#filled > BUFFER_BYTES - 3) await this.#flush()
    }
    this.#ignored += characters.length - at
  }

  /** Writes the rest and closes the file. */
  async finish(): Promise<SpooledDocument> {
    // Padding makes the last group whole.
    this.#isBase64 &&= this.#characters === 0
    await this.#flush()
    await this.close()
    return { path: this.#path, size: this.size, isBase64: this.#isBase64 }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Whole groups without padding, which nearly all are. @returns where something else begins */
  #decodeGroups(characters: Uint8Array, from: number): number {
    const buffer = this.#buffer
    const last = characters.length - 4
    let at = from
    let filled = this.#filled
    for (; at <= last && filled <= BUFFER_BYTES - 3; at += 4) {
      const a = VALUES[characters[at] ?? PAD] ?? NONE
      const b = VALUES[characters[at + 1] ?? PAD] ?? NONE
      const c = VALUES[characters[at + 2] ?? PAD] ?? NONE
      const d = VALUES[characters[at + 3] ?? PAD] ?? NONE
      if ((a | b | c | d) > 63) break
      buffer[filled++] = (a << 2) | (b >> 4)
      buffer[filled++] = (b << 4) | (c >> 2)
      buffer[filled++] = (c << 6) | d
    }
    this.#filled = filled
    return at
  }

  /** One group at most, or up to its middle. @returns where it goes on */
  #decode(characters: Uint8Array, from: number): number {
    let at = from
    while (at < characters.length && this.#filled <= BUFFER_BYTES - 3) {
      const character = characters[at++] ?? 0
      const value = VALUES[character] ?? NONE
      if (character === PAD) this.#padding += 1
      // Nothing comes behind padding, and no other character is there.
      else if (value === NONE || this.#padding > 0) this.#isBase64 = false
      if (!this.#isBase64) return at - 1
      this.#bits = (this.#bits << 6) | (character === PAD ? 0 : value)
      this.#characters += 1
      if (this.#characters < 4) continue
      this.#endGroup()
      return at
    }
    return at
  }

  #endGroup(): void {
    const { bits, bytes } = { bits: this.#bits, bytes: 3 - this.#padding }
    // At most two pads, and no bits that decode to nothing (RFC 4648, 3.5).
    if (bytes < 1 || (bits & ((1 << (8 * this.#padding)) - 1)) !== 0) this.#isBase64 = false
    for (let i = 0; i < bytes; i++) this.#buffer[this.#filled++] = bits >> (16 - 8 * i)
    this.#bits = 0
    this.#characters = 0
  }

  async #flush(): Promise<void> {
    for (let done = 0; done < this.#filled; ) {
      done += (await this.#file.write(this.#buffer, done, this.#filled - done)).bytesWritten
    }
    this.#written += this.#filled
    this.#filled = 0
  }
}
