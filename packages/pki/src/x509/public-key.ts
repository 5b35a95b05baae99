/**
 * SubjectPublicKeyInfo (RFC 5280, 4.1.2.7): which kind of key it holds, and the bits identifiers are hashed from.
 *
 * RSA: RFC 8017, A.1.1. EC: RFC 5480, 2.1.1 and 2.2; named curves and uncompressed points only. Ed25519: RFC 8410, 3
 * and 4.
 */
import { type Curve, type KeyType, keyTypes } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readBitString, readOid, readUnsignedBytes } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { toHex } from '../encoding/bytes.ts'
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts'

export type PublicKey =
  | { readonly kind: 'ec'; readonly curve: Curve; readonly keyType: KeyType }
  | {
      readonly kind: 'rsa'
      readonly modulusBits: number
      readonly exponent: bigint
      /** Only for the sizes we make keys of. */
      readonly keyType: KeyType | undefined
    }
  | { readonly kind: 'ed25519'; readonly keyType: KeyType }
  | { readonly kind: 'other'; readonly oid: string; readonly keyType: undefined }

interface Spki {
  readonly algorithm: AlgorithmIdentifier
  readonly bits: Uint8Array
}

/**
 * @param spki  DER SubjectPublicKeyInfo
 * @throws DerError when it is malformed; a kind of key we do not know is `other`
 */
export function readPublicKey(spki: Uint8Array): PublicKey {
  return publicKeyOf(parseDer(spki))
}

export function publicKeyOf(node: DerNode): PublicKey {
  const { algorithm, bits } = readSpki(node)
  const read = READERS[algorithm.oid]
  return read === undefined ? other(algorithm) : read(algorithm, bits)
}

/**
 * The BIT STRING of the key without its count of unused bits: what RFC 5280, 4.2.1.2 and RFC 6960, 4.1.1 hash.
 *
 * @param spki  DER SubjectPublicKeyInfo
 */
export function subjectPublicKeyBits(spki: Uint8Array): Uint8Array {
  return readSpki(parseDer(spki)).bits
}

/**
 * Whether signatures by this key are looked at at all: our curves, and RSA from 2048 to 8192 bits with an odd
 * exponent of at least 65537 and under 2^256. Outside it lie broken keys and keys that only cost time.
 */
export function isAcceptableKey(key: PublicKey): boolean {
  if (key.kind !== 'rsa') return key.kind !== 'other'
  const { modulusBits, exponent } = key
  const size = modulusBits >= 2048 && modulusBits <= 8192
  return size && exponent % 2n === 1n && exponent >= 65537n && exponent < 2n ** 256n
}

function readSpki(node: DerNode): Spki {
  return readFields(node, 'SubjectPublicKeyInfo', fields => ({
    algorithm: readAlgorithmIdentifier(fields.take('algorithm')),
    bits: readBitString(fields.take('subjectPublicKey')),
  }))
}

const READERS: Readonly<Record<string, (algorithm: AlgorithmIdentifier, bits: Uint8Array) => PublicKey>> = {
  [OID.ecPublicKey]: readEc,
  [OID.rsaEncryption]: readRsa,
  [OID.ed25519]: readEd25519,
}

function readEc(algorithm: AlgorithmIdentifier, bits: Uint8Array): PublicKey {
  const named = algorithm.parameters?.tag === TAG.oid ? readOid(algorithm.parameters) : undefined
  const found = EC_KEYS.find(({ entry }) => entry.curveOid === named)
  if (found?.entry.curve === undefined) return other(algorithm)
  const coordinate = Math.ceil(found.entry.bits / 8)
  if (bits[0] !== UNCOMPRESSED || bits.length !== 1 + 2 * coordinate) {
    throw new DerError('value-not-allowed', 'EC point')
  }
  return { kind: 'ec', curve: found.entry.curve, keyType: found.keyType }
}

function readRsa(algorithm: AlgorithmIdentifier, bits: Uint8Array): PublicKey {
  if (algorithm.parameters?.tag !== TAG.null)
    throw new DerError('value-not-allowed', 'rsaEncryption parameters')
  return readFields(parseDer(bits), 'RSAPublicKey', fields => {
    const modulus = readUnsignedBytes(fields.take('modulus'))
    const exponent = BigInt(`0x${toHex(readUnsignedBytes(fields.take('publicExponent')))}`)
    const modulusBits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
    return { kind: 'rsa', modulusBits, exponent, keyType: RSA_KEYS[modulusBits] }
  })
}

function readEd25519(algorithm: AlgorithmIdentifier, bits: Uint8Array): PublicKey {
  if (algorithm.parameters !== undefined) throw new DerError('value-not-allowed', 'id-Ed25519 parameters')
  if (bits.length !== ED25519_BYTES) throw new DerError('value-not-allowed', 'Ed25519 public key')
  return { kind: 'ed25519', keyType: 'ed25519' }
}

function other(algorithm: AlgorithmIdentifier): PublicKey {
  return { kind: 'other', oid: algorithm.oid, keyType: undefined }
}

// SEC 1, 2.3.3: the first octet of a point that is not compressed.
const UNCOMPRESSED = 0x04
// RFC 8032, 5.1.5.
const ED25519_BYTES = 32
// Object.keys loses the key type of a Record that is exhaustive by construction.
const KEY_TYPES = Object.keys(keyTypes) as readonly KeyType[]
const EC_KEYS = KEY_TYPES.filter(name => keyTypes[name].family === 'ec').map(keyType => ({
  keyType,
  entry: keyTypes[keyType],
}))
const RSA_KEYS: Readonly<Record<number, KeyType>> = Object.fromEntries(
  KEY_TYPES.filter(name => keyTypes[name].family === 'rsa').map(name => [keyTypes[name].bits, name]),
)
