/**
 * A key on its way to the holder of an RSA key: a fresh AES-256 key under RSAES-OAEP (RFC 8017, 7.1), then the key
 * itself under that one by AES-KWP (RFC 5649), one after the other. PKCS #11 calls it CKM_RSA_AES_KEY_WRAP, and a
 * token that lacks that mechanism unwraps in two steps.
 *
 * SHA-1 is there for tokens that have no other (SoftHSM): OAEP asks of its
 * digest neither of the properties that SHA-1 has lost.
 */
import {
  constants,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { concat } from '../encoding/bytes.ts'
import { unwrapKey, wrapKey } from './aes-key-wrap.ts'

/** The digest of OAEP and of its MGF1. */
export type OaepDigest = 'sha1' | 'sha256'

export interface KeyRecipient {
  /** DER SubjectPublicKeyInfo, RSA. */
  readonly spki: Uint8Array
  readonly oaepDigest: OaepDigest
}

/** Any octets, for whoever holds the private key; for a private key these are its PrivateKeyInfo. */
export function sendKey({ spki, oaepDigest }: KeyRecipient, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const recipient = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const transport = randomBytes(32)
  const sent = publicEncrypt({ key: recipient, ...oaep(oaepDigest) }, transport)
  const wrapped = wrapKey(createSecretKey(transport), key)
  transport.fill(0)
  return concat(sent, wrapped)
}

/** What was sent to the holder of this private key; `undefined` when it was not, or was altered. */
export function receiveKey(
  key: KeyObject,
  oaepDigest: OaepDigest,
  sent: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const { transport, wrapped } = partsOfTransport(sent, key.asymmetricKeyDetails?.modulusLength ?? 0)
  const secret = decrypt(key, oaepDigest, transport)
  return secret && unwrapKey(createSecretKey(secret), wrapped)
}

/** The AES key for another recipient instead of this one; what is wrapped under it stays as it is, and elsewhere. */
export function forwardTransport(
  key: KeyObject,
  oaepDigest: OaepDigest,
  transport: Uint8Array,
  { spki, oaepDigest: oaepHash }: KeyRecipient,
): Uint8Array<ArrayBuffer> | undefined {
  const secret = decrypt(key, oaepDigest, transport)
  if (secret === undefined) return undefined
  const recipient = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const forwarded = publicEncrypt({ key: recipient, ...oaep(oaepHash) }, secret)
  secret.fill(0)
  return new Uint8Array(forwarded)
}

/** The encrypted AES key, as long as the modulus, and what is wrapped under it. */
export function partsOfTransport(sent: Uint8Array, modulusBits: number) {
  const at = Math.ceil(modulusBits / 8)
  return { transport: sent.subarray(0, at), wrapped: sent.subarray(at) }
}

function decrypt(key: KeyObject, oaepDigest: OaepDigest, transport: Uint8Array): Uint8Array | undefined {
  try {
    const secret = privateDecrypt({ key, ...oaep(oaepDigest) }, transport)
    return secret.length === 32 ? secret : undefined
  } catch {
    return undefined
  }
}

const oaep = (oaepHash: OaepDigest) => ({ padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash })
