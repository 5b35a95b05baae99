/** Encrypts a private key for the module. Nothing of the key is written anywhere on the way. */
import { type OaepDigest, sendKey } from '@natsuin/pki/node'
import type { ImportKeyStatement, ImportWrapping } from '@natsuin/protocol/keys'

const OAEP_DIGEST: Readonly<Record<ImportWrapping, OaepDigest>> = {
  'rsa-oaep-sha256-aes256-kwp': 'sha256',
  'rsa-oaep-sha1-aes256-kwp': 'sha1',
}

export function wrapForImport(
  privateKeyInfo: Uint8Array,
  { publicKey: spki, wrapping }: Pick<ImportKeyStatement, 'publicKey' | 'wrapping'>,
): Uint8Array {
  return sendKey({ spki, oaepDigest: OAEP_DIGEST[wrapping] }, privateKeyInfo)
}
