/**
 * Encrypts a private key for the module: a fresh AES-256 key under RSAES-OAEP (RFC 8017, 7.1), the PrivateKeyInfo
 * under that key by AES-KWP (RFC 5649). Both by OpenSSL; nothing of the key is written anywhere on the way.
 */
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { concat } from '@natsuin/pki/encoding'
import type { ImportKeyStatement, ImportWrapping } from '@natsuin/protocol/keys'

const OAEP_DIGEST: Readonly<Record<ImportWrapping, string>> = {
  'rsa-oaep-sha256-aes256-kwp': 'sha256',
  'rsa-oaep-sha1-aes256-kwp': 'sha1',
}

export function wrapForImport(
  privateKeyInfo: Uint8Array,
  { publicKey, wrapping }: Pick<ImportKeyStatement, 'publicKey' | 'wrapping'>,
): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const transport = randomBytes(32)
  const wrappedTransport = publicEncrypt({ key, padding, oaepHash: OAEP_DIGEST[wrapping] }, transport)
  const cipher = createCipheriv('id-aes256-wrap-pad', transport, ALTERNATIVE_IV)
  const wrapped = concat(wrappedTransport, cipher.update(privateKeyInfo), cipher.final())
  transport.fill(0)
  return wrapped
}

/** RFC 5649, 3: the constant half of the alternative initial value. */
const ALTERNATIVE_IV = Uint8Array.of(0xa6, 0x59, 0x59, 0xa6)
