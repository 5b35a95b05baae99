/**
 * What is asked of a key to recognise it: a signature over a fixed message, the MAC of a fixed text.
 *
 * A witness of a master key is a pair of nobody, wrapped under it: the key that unwraps it to what signs for its
 * public half is that master key.
 */
import { type KeyType, keyTypes, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type DigestToSign, ModuleRefusal } from './module.ts'
import { type SigningPublicKey, verifyDigest } from './verify-digest.ts'

/** What a MAC key's witness is the MAC of. */
export const MAC_WITNESS_TEXT = utf8('natsuin: witness of a MAC key')

/** The type of a master key's witness. */
export const WITNESS_TYPE = 'ec-p256' satisfies KeyType

/** What a key signs to show that it belongs to a public key. */
export function proofRequest(type: KeyType): DigestToSign {
  const algorithm = recommended(type)
  const digest = digestSync(signatureAlgorithms[algorithm].digest, PROOF_MESSAGE)
  return { algorithm, digest, message: PROOF_MESSAGE }
}

/** Whether the signature over `proofRequest` is by this key; what is no key of the type never proves itself. */
export function isProofBy(key: SigningPublicKey, signature: Uint8Array): boolean {
  try {
    return verifyDigest(key, proofRequest(key.type), signature)
  } catch {
    return false
  }
}

export const publicKeyDiffers = () =>
  new ModuleRefusal('wrapped-key-invalid', 'the key is not the private half of the public key beside it')

export const witnessDiffers = (label: string) =>
  new ModuleRefusal('witness-differs', `the key ${label} is not the one that its witness knows`)

const PROOF_MESSAGE = utf8('natsuin: proof of possession')

function recommended(type: KeyType): SignatureAlgorithm {
  const [algorithm] = keyTypes[type].signs
  if (algorithm === undefined) throw new Error(`${type} signs with nothing`)
  return algorithm
}
