/** Keys of every type we know, by `node:crypto`, and signatures by them as X.509 and CMS carry them. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type KeyFamily, type KeyType, keyTypes, type SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { signatureScheme } from '@natsuin/pki/node'

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export function newKeyPair(type: KeyType): KeyPair {
  return GENERATORS[keyTypes[type].family](type)
}

const GENERATORS: Readonly<Record<KeyFamily, (type: KeyType) => KeyPair>> = {
  ec: type => generateKeyPairSync('ec', { namedCurve: keyTypes[type].curve ?? '' }),
  rsa: type => generateKeyPairSync('rsa', { modulusLength: keyTypes[type].bits }),
  ed25519: () => generateKeyPairSync('ed25519'),
}

/** DER SubjectPublicKeyInfo. */
export function spkiOf(key: KeyObject): Uint8Array<ArrayBuffer> {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }))
}

/** The signature over the data themselves. */
export function signData(
  algorithm: SignatureAlgorithm,
  data: Uint8Array,
  key: KeyObject,
): Uint8Array<ArrayBuffer> {
  const { hash, ...options } = signatureScheme(algorithm)
  return new Uint8Array(sign(hash, data, { key, ...options }))
}
