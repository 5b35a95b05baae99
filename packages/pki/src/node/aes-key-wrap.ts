/** AES-256 key wrap with padding (AES-KWP): RFC 5649, through OpenSSL. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { concat } from '../encoding/bytes.ts'

/** Wraps any number of octets. */
export function wrapKey(wrapping: KeyObject, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv(CIPHER, wrapping, ALTERNATIVE_IV)
  return concat(cipher.update(key), cipher.final())
}

/** `undefined` when the integrity check fails: altered, or wrapped under another key (RFC 5649, 3). */
export function unwrapKey(wrapping: KeyObject, wrapped: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  // Nothing at all would open to nothing at all.
  if (wrapped.length < MIN_WRAPPED_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, wrapping, ALTERNATIVE_IV)
  try {
    return concat(decipher.update(wrapped), decipher.final())
  } catch {
    return undefined
  }
}

const CIPHER = 'id-aes256-wrap-pad'
/** Two semiblocks: RFC 5649, 4.1. */
const MIN_WRAPPED_BYTES = 16
/** The constant high half of the alternative initial value: RFC 5649, 3. */
const ALTERNATIVE_IV = Uint8Array.of(0xa6, 0x59, 0x59, 0xa6)
