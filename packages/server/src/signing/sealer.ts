/**
 * Keeps the SAM's SAD handles, and documents that wait, unreadable in the database: AES-256-GCM under a key that only this
 * process's secrets directory holds. The associated data ties a sealed value to its row.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { concat, fromUtf8, utf8 } from '@natsuin/pki/encoding'

export interface Sealer {
  seal(text: string, context: string): Uint8Array
  /** @throws when the value was altered or belongs to another context */
  open(sealed: Uint8Array, context: string): string
  sealBytes(bytes: Uint8Array, context: string): Uint8Array
  /** @throws when the value was altered or belongs to another context */
  openBytes(sealed: Uint8Array, context: string): Uint8Array
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** @param keyBytes 32 bytes */
export function createSealer(keyBytes: Uint8Array): Sealer {
  const key = createSecretKey(keyBytes)
  const sealBytes = (bytes: Uint8Array, context: string) => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(utf8(context))
    return concat(nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag())
  }
  const openBytes = (sealed: Uint8Array, context: string) => {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(utf8(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
    return concat(decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final())
  }
  return {
    sealBytes,
    openBytes,
    seal: (text, context) => sealBytes(utf8(text), context),
    open(sealed, context) {
      const text = fromUtf8(openBytes(sealed, context))
      if (text === undefined) throw new TypeError('the sealed value is no text')
      return text
    },
  }
}
