/**
 * Reads and writes the strings and streams of an encrypted document: ISO 32000-2, 7.6.3 (algorithms 1 and 1.A).
 *
 * What is written is encrypted as the document is. With RC4 nothing is: a signature over what anybody can read and
 * change back would promise too much.
 */
import { concat } from '@natsuin/pki/encoding'
import {
  isString,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfString,
} from '../objects.ts'
import { PdfRefusal } from '../refusal.ts'
import { aesDecrypt, aesEncrypt, md5Of, rc4 } from './ciphers.ts'
import { type Cipher, readEncryptDictionary } from './encrypt-dictionary.ts'
import { fileKeyOf } from './file-key.ts'

export interface SecurityHandlerParts {
  readonly dictionary: PdfDictionary
  /** The permanent half of ID. */
  readonly fileId: Uint8Array
  readonly password: string
}

/** @throws PdfRefusal `password-wrong`, `encryption-unsupported`, `encryption-forbids`, `malformed-structure` */
export async function openSecurityHandler({ dictionary, fileId, password }: SecurityHandlerParts) {
  const read = readEncryptDictionary(dictionary)
  const { key, isOwner } = await fileKeyOf(read, password, fileId)
  return new SecurityHandler(read.cipher, key, isOwner || (read.permissions & MAY_SIGN) !== 0)
}

// Table 22, bits 6 and 9: annotations and form fields, signatures among them, may be filled in.
const MAY_SIGN = (1 << 5) | (1 << 8)

type Transform = (bytes: Uint8Array) => Promise<Uint8Array>

export class SecurityHandler {
  readonly #cipher: Cipher
  readonly #key: Uint8Array
  readonly #maySign: boolean

  constructor(cipher: Cipher, key: Uint8Array, maySign: boolean) {
    this.#cipher = cipher
    this.#key = key
    this.#maySign = maySign
  }

  /** @throws PdfRefusal `encryption-weak`, `encryption-forbids` */
  checkMaySign(): void {
    if (this.#cipher === 'rc4') throw new PdfRefusal('encryption-weak')
    if (!this.#maySign) throw new PdfRefusal('encryption-forbids')
  }

  /** The value with its strings as they are meant. Contents of a signature is never encrypted (7.6.2). */
  decryptedValue(value: PdfObject, reference: PdfReference): Promise<PdfObject> {
    return mapStrings(value, bytes => this.decrypted(bytes, reference))
  }

  encryptedValue(value: PdfObject, reference: PdfReference): Promise<PdfObject> {
    return mapStrings(value, bytes => this.encrypted(bytes, reference))
  }

  async decrypted(bytes: Uint8Array, reference: PdfReference): Promise<Uint8Array> {
    const key = this.#keyOf(reference)
    return this.#cipher === 'rc4' ? rc4(key, bytes) : aesDecrypt(key, bytes)
  }

  async encrypted(bytes: Uint8Array, reference: PdfReference): Promise<Uint8Array> {
    this.checkMaySign()
    return aesEncrypt(this.#keyOf(reference), bytes)
  }

  /** Algorithm 1: each object has a key of its own, but with AES-256 (algorithm 1.A). */
  #keyOf({ number, generation }: PdfReference): Uint8Array {
    if (this.#cipher === 'aes-256') return this.#key
    const bytes = [number, number >>> 8, number >>> 16, generation, generation >>> 8].map(byte => byte & 255)
    const salt = this.#cipher === 'aes-128' ? SALT : []
    const length = Math.min(this.#key.length + 5, 16)
    return md5Of(concat(this.#key, Uint8Array.from([...bytes, ...salt]))).subarray(0, length)
  }
}

// "sAlT"
const SALT = [0x73, 0x41, 0x6c, 0x54]

/** Nesting is bounded by the parser. */
async function mapStrings(value: PdfObject, transform: Transform): Promise<PdfObject> {
  if (value === null || typeof value === 'boolean') return value
  if (isString(value)) return value.bytes.length === 0 ? value : pdfString(await transform(value.bytes))
  if (value.type === 'array')
    return pdfArray(await Promise.all(value.items.map(item => mapStrings(item, transform))))
  return value.type === 'dictionary' ? mapEntries(value, transform) : value
}

async function mapEntries(dictionary: PdfDictionary, transform: Transform): Promise<PdfDictionary> {
  const isSignature = dictionary.entries.has('ByteRange')
  const entries = await Promise.all(
    [...dictionary.entries].map(async ([key, value]): Promise<readonly [string, PdfObject]> => {
      const isOpen = isSignature && key === 'Contents'
      return [key, isOpen ? value : await mapStrings(value, transform)]
    }),
  )
  return { type: 'dictionary', entries: new Map(entries) }
}
