/** What the strings and streams of an encrypted document say: ISO 32000-2, 7.6.3. */
import { concat } from '@natsuin/pki/encoding'
import { md5 } from '@noble/hashes/legacy.js'
import { malformed } from '../tokens.ts'
import { ValidationEnded } from '../verdict.ts'
import { cbcOpen } from './standard-ciphers.ts'
import { type FileKey, fileKeyOf } from './standard-encryption.ts'
import { bytesOfString, type Dictionary, mapStrings, stringOfBytes, type Value } from './value.ts'

export interface ObjectNumber {
  readonly number: number
  readonly generation: number
}

export class Decryption {
  readonly #key: FileKey

  constructor(key: FileKey) {
    this.#key = key
  }

  /** The data of a stream, filters not yet undone. */
  async data(bytes: Uint8Array, object: ObjectNumber): Promise<Uint8Array> {
    const opened = await cbcOpen(this.#keyOf(object), bytes)
    if (opened === undefined) throw malformed('encrypted data')
    return opened
  }

  /** The value with its strings as they are meant. */
  value(value: Value, object: ObjectNumber): Promise<Value> {
    return mapStrings(value, async text => {
      const bytes = bytesOfString(text)
      return bytes.length === 0 ? text : stringOfBytes(await this.data(bytes, object))
    })
  }

  /** Algorithm 1: the object's number and generation, and "sAlT". */
  #keyOf({ number, generation }: ObjectNumber): Uint8Array {
    const { bytes, perObject } = this.#key
    if (!perObject) return bytes
    const place = [number, number >> 8, number >> 16, generation, generation >> 8]
    return md5(
      concat(
        bytes,
        Uint8Array.from([...place, 0x73, 0x41, 0x6c, 0x54], byte => byte & 255),
      ),
    )
  }
}

/**
 * @param encrypt  the encryption dictionary
 * @param id       ID of the trailer
 * @throws ValidationEnded GENERIC without the password, or where the encryption is of another kind; FORMAT_FAILURE where it
 *   is malformed
 */
export async function openDecryption(
  encrypt: Dictionary,
  id: Value,
  password: string | undefined,
): Promise<Decryption> {
  if (password === undefined) throw new ValidationEnded('GENERIC', 'encrypted')
  const first = id.kind === 'list' ? id.items[0] : undefined
  if (first?.kind !== 'atom') throw malformed('ID')
  const key = await fileKeyOf(encrypt, bytesOfString(first.text), password)
  if (key === undefined) throw new ValidationEnded('GENERIC', 'encrypted: password-wrong')
  return new Decryption(key)
}
