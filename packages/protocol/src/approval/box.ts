/**
 * Boxes: how a page sends the SAM what `server`, which carries it, must not read (docs/decisions/pin-and-totp.md).
 *
 * A fresh P-256 key agrees with the SAM's (ECDH), the result yields a key (HKDF-SHA-256, RFC 5869, with both public keys
 * in its info), and AES-256-GCM encrypts under it. The SAM's half comes in a ticket that the SAM key signed, so nobody in
 * between can put his own there. WebCrypto only: the same code in a browser and in Node.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import { base64url, record, type Shaped } from '../shape/shape.ts'

/** An uncompressed point (SEC 1 V2.0, 2.3.3). */
export const boxPoint = base64url({ min: 65, max: 65 })

export const box = record({
  /** Made for this box alone. */
  ephemeral: boxPoint,
  nonce: base64url({ min: 12, max: 12 }),
  /** With its tag of 16 bytes at the end. */
  ciphertext: base64url({ min: 17, max: 1024 }),
})

export type Box = Shaped<typeof box>

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const

/** What HKDF is told: the purpose, and between whom. */
export function boxInfo(ephemeral: Uint8Array, recipient: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(utf8('natsuin-box-v1\n'), ephemeral, recipient)
}

/**
 * @param recipient the SAM's half, from a genuine ticket
 * @param context what it is about: a box opens beside the same bytes only
 */
export async function closeBox(
  content: Uint8Array<ArrayBuffer>,
  recipient: Uint8Array,
  context: Uint8Array<ArrayBuffer>,
): Promise<Box> {
  const { subtle } = globalThis.crypto
  const pair = await subtle.generateKey(CURVE, false, ['deriveBits'])
  const ephemeral = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  const theirs = await subtle.importKey('raw', Uint8Array.from(recipient), CURVE, false, [])
  const agreed = await subtle.deriveBits({ name: 'ECDH', public: theirs }, pair.privateKey, 256)
  const key = await boxKey(agreed, boxInfo(ephemeral, recipient))
  const nonce = globalThis.crypto.getRandomValues(new Uint8Array(12))
  const cipher = { name: 'AES-GCM', iv: nonce, additionalData: context }
  const ciphertext = new Uint8Array(await subtle.encrypt(cipher, key, content))
  return { ephemeral, nonce, ciphertext }
}

async function boxKey(agreed: ArrayBuffer, info: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const { subtle } = globalThis.crypto
  const secret = await subtle.importKey('raw', agreed, 'HKDF', false, ['deriveKey'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return subtle.deriveKey(hkdf, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
}
