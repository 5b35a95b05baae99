/**
 * The ciphers of the standard security handler (ISO 32000-2, 7.6.3): AES in CBC mode by WebCrypto, in Node as in
 * browsers; MD5 by `@noble/hashes`, which the platforms of browsers lack; RC4 in ten lines, to read old documents only.
 */
import { concat } from '@natsuin/pki/encoding'
import { md5 } from '@noble/hashes/legacy.js'
import { PdfRefusal } from '../refusal.ts'

export const BLOCK_BYTES = 16

export function md5Of(...parts: readonly Uint8Array[]): Uint8Array {
  return md5(concat(...parts))
}

export async function sha2Of(bits: 256 | 384 | 512, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, concat(...parts)))
}

/** CBC with the padding of RFC 8018, 6.1.1; the initialization vector stands in front (7.6.3.1). */
export async function aesEncrypt(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(BLOCK_BYTES))
  return concat(iv, await cbc('encrypt', { key, iv, data }))
}

/** @throws PdfRefusal `malformed-structure` for what was not encrypted so */
export async function aesDecrypt(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const isWhole = data.length >= 2 * BLOCK_BYTES && data.length % BLOCK_BYTES === 0
  if (!isWhole) throw new PdfRefusal('malformed-structure', 'length of encrypted data')
  try {
    return await cbc('decrypt', { key, iv: data.subarray(0, BLOCK_BYTES), data: data.subarray(BLOCK_BYTES) })
  } catch (cause) {
    throw new PdfRefusal('malformed-structure', 'encrypted data', { cause })
  }
}

interface Cbc {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly data: Uint8Array
}

const ZERO_IV = new Uint8Array(BLOCK_BYTES)

/** Whole blocks without padding: what comes behind them is the padding that WebCrypto adds. */
export async function aesEncryptBlocks({ key, iv, data }: Cbc): Promise<Uint8Array> {
  return (await cbc('encrypt', { key, iv, data })).subarray(0, data.length)
}

/**
 * Whole blocks without padding, and a zero initialization vector. WebCrypto demands padding, so a block is put behind
 * that decrypts to it: padding, encrypted as the block that follows the last.
 */
export async function aesDecryptBlocks(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const iv = data.subarray(-BLOCK_BYTES)
  const padding = await cbc('encrypt', { key, iv, data: new Uint8Array() })
  return cbc('decrypt', { key, iv: ZERO_IV, data: concat(data, padding) })
}

async function cbc(operation: 'encrypt' | 'decrypt', { key, iv, data }: Cbc): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', key.slice(), 'AES-CBC', false, [operation])
  return new Uint8Array(
    await crypto.subtle[operation]({ name: 'AES-CBC', iv: iv.slice() }, imported, data.slice()),
  )
}

/** The same both ways. Nothing new is encrypted with it (7.6.3.1 deprecates it). */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i)
  const at = (i: number) => state[i & 255] ?? 0
  const swap = (i: number, j: number) => {
    const kept = at(i)
    state[i & 255] = at(j)
    state[j & 255] = kept
  }
  let j = 0
  for (let i = 0; i < 256; i++) {
    j += at(i) + (key[i % key.length] ?? 0)
    swap(i, j)
  }
  j = 0
  return data.map((byte, index) => {
    j += at(index + 1)
    swap(index + 1, j)
    return byte ^ at(at(index + 1) + at(j))
  })
}
