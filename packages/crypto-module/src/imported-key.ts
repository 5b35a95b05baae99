/** What both modules demand of a key from elsewhere before they keep it, and say of it ever after. */
import { keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type DigestToSign, type KeyToImport, ModuleRefusal, type WrappedKeyPair } from './module.ts'
import { verifyDigest } from './verify-digest.ts'

/** Import keys of both modules. */
export const IMPORT_KEY_TYPE = 'rsa-3072'
/** What RSAES-OAEP yields under such a key (RFC 8017, 7.1.1). */
export const OAEP_BYTES = keyTypes[IMPORT_KEY_TYPE].bits / 8

/** It was outside, where nobody knows who saw it (EN 419 221-5: provenance). */
export const IMPORTED: WrappedKeyPair['attributes'] = {
  local: false,
  sensitive: true,
  alwaysSensitive: false,
}

/**
 * Lets the key sign a constant and verifies that with the public key that came along: a pair that does not belong
 * together, and an RSA key with wrong values for the short computation, sign nothing that verifies.
 *
 * @throws ModuleRefusal `wrapped-key-invalid`, what `sign` throws
 */
export async function checkIsPrivateHalf(
  { type, spki }: Pick<KeyToImport, 'type' | 'spki'>,
  sign: (request: DigestToSign) => Promise<Uint8Array>,
): Promise<void> {
  const [algorithm] = keyTypes[type].signs
  if (algorithm === undefined) throw new Error(`keys of type ${type} sign nothing`)
  const digest = digestSync(signatureAlgorithms[algorithm].digest, MESSAGE)
  const request = { algorithm, digest, message: MESSAGE }
  if (verifyDigest({ type, spki }, request, await sign(request))) return
  throw new ModuleRefusal(
    'wrapped-key-invalid',
    'the key is not the private half of the public key beside it',
  )
}

const MESSAGE = utf8('natsuin: a key that was imported signs')
