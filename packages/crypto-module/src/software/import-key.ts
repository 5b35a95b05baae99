/** Private keys from outside: decrypted, brought into this module's spelling, proven to be what they are said to be. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { KeyType } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import { receiveKey } from '@natsuin/pki/node'
import { type KeyToImport, ModuleRefusal, type OaepDigest } from '../module.ts'
import { isProofBy, proofRequest, publicKeyDiffers } from '../witness.ts'
import { digestSigner } from './private-key.ts'
import type { UsableKey } from './usable-keys.ts'

export const OAEP_DIGEST: OaepDigest = 'sha256'

type ImportKey = UsableKey & { kind: 'import' }

/** PKCS #8 as this module reads it. @throws ModuleRefusal `wrapped-key-invalid` */
export async function receivePrivateKey(
  importKey: ImportKey,
  { type, spki, wrapped }: KeyToImport,
): Promise<Uint8Array> {
  const own = ownSpelling(receive(importKey, wrapped), type)
  if (!equal(own.spki, spki)) throw publicKeyDiffers()
  const signature = await digestSigner(type, own.pkcs8)?.(proofRequest(type))
  if (signature === undefined) throw invalid(type)
  if (!isProofBy({ type, spki }, signature)) throw publicKeyDiffers()
  return own.pkcs8
}

/** What was encrypted for this import key. @throws ModuleRefusal `wrapped-key-invalid` */
export function receive({ key }: ImportKey, sent: Uint8Array): Uint8Array {
  const secret = receiveKey(key, OAEP_DIGEST, sent)
  if (secret === undefined) {
    throw new ModuleRefusal('wrapped-key-invalid', 'what was sent is altered, or not for this import key')
  }
  return secret
}

/** As node exports it, which is the one form that this module reads again. @throws ModuleRefusal `wrapped-key-invalid` */
export function ownSpelling(pkcs8: Uint8Array, type: KeyType): { pkcs8: Uint8Array; spki: Uint8Array } {
  const key = parse(pkcs8)
  pkcs8.fill(0)
  if (key === undefined) throw invalid(type)
  const own = key.export({ type: 'pkcs8', format: 'der' })
  if (digestSigner(type, own) === undefined) throw invalid(type)
  return { pkcs8: own, spki: new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })) }
}

function parse(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}

const invalid = (type: KeyType) =>
  new ModuleRefusal('wrapped-key-invalid', `what was sent is not a private key of type ${type}`)
