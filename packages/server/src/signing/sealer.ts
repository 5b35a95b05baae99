/**
 * Keeps the SAM's SAD handles unreadable in the database: AES-256-GCM under a key that only this process's
 * secrets directory holds. The associated data ties a sealed value to its row.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { concat, fromUtf8, utf8 } from '@natsuin/pki/encoding'

export interface Sealer {
  seal(text: string, context: string): Uint8Array
  /** @throws when the value was altered or belongs to another context */
  open(sealed: Uint8Array, context: string): string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** @param keyBytes 32 bytes */
export function createSealer(keyBytes: Uint8Array): Sealer {
  const key = createSecretKey(keyBytes)
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(utf8(context))
      return concat(nonce, cipher.update(utf8(text)), cipher.final(), cipher.getAuthTag())
    },
    open(sealed, context) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(utf8(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
      const opened = concat(decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final())
      const text = fromUtf8(opened)
      if (text === undefined) throw new TypeError('the sealed value is no text')
      return text
    },
  }
}
