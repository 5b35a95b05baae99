/**
 * A file that is written from base64 as it comes in (RFC 4648, 4): strictly, and holding no more of it than a piece.
 *
 * What is not base64 does not end the reading: what else is wrong with a request is said in the standard's order.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { fromBase64 } from '@natsuin/pki/encoding'

/** A document of a request. */
export interface SpooledDocument {
  readonly path: string
  readonly size: number
  readonly isBase64: boolean
}

const PIECE_CHARACTERS = 256 * 1024
const WHOLE_GROUPS = /^[A-Za-z0-9+/]*$/

export class Base64File {
  readonly #path: string
  readonly #file: FileHandle
  #pending = ''
  #size = 0
  #isBase64 = true

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  static async create(path: string): Promise<Base64File> {
    return new Base64File(path, await open(path, 'wx', 0o600))
  }

  /** How many bytes it has so far. */
  get size(): number {
    return this.#size
  }

  async take(text: string): Promise<void> {
    if (!this.#isBase64) return
    this.#pending += text
    if (this.#pending.length >= PIECE_CHARACTERS) await this.#decodeAllButLastGroup()
  }

  /** Writes the rest and closes the file. */
  async finish(): Promise<SpooledDocument> {
    await this.#decodeAllButLastGroup()
    await this.#write(fromBase64(this.#pending))
    await this.close()
    return { path: this.#path, size: this.#size, isBase64: this.#isBase64 }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** The last group may be padded; which one is the last shows at the end only. */
  async #decodeAllButLastGroup(): Promise<void> {
    const whole = Math.floor(Math.max(0, this.#pending.length - 1) / 4) * 4
    const groups = this.#pending.slice(0, whole)
    this.#pending = this.#pending.slice(whole)
    // Buffer skips what it does not know, so the alphabet is checked first.
    await this.#write(WHOLE_GROUPS.test(groups) ? Buffer.from(groups, 'base64') : undefined)
  }

  async #write(bytes: Uint8Array | undefined): Promise<void> {
    this.#isBase64 &&= bytes !== undefined
    if (!this.#isBase64 || bytes === undefined) return
    this.#size += bytes.length
    for (let done = 0; done < bytes.length; ) {
      done += (await this.#file.write(bytes, done)).bytesWritten
    }
  }
}
