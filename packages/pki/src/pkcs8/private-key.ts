/**
 * What is inside a private key: RSA (RFC 8017, A.1.2), EC (RFC 5915, 3), Ed25519 (RFC 8410, 7).
 *
 * Read as it is and not judged: whether the numbers belong together and whether they are any good is for
 * `weak-keys`. Numbers are bigints, which nobody can wipe; whoever reads a key does so in a worker that ends.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import {
  readBitString,
  readInteger,
  readNull,
  readOctetString,
  readSequence,
  readSmallInteger,
} from '../asn1/read.ts'
import { equal, toHex } from '../encoding/bytes.ts'
import { type EcParameters, readEcParameters } from '../x509/ec-parameters.ts'
import type { PrivateKeyInfo } from './private-key-info.ts'

export type PrivateKey = RsaPrivateKey | EcPrivateKey | Ed25519PrivateKey | OtherPrivateKey

export interface RsaPrivateKey {
  readonly kind: 'rsa'
  readonly modulus: bigint
  readonly publicExponent: bigint
  readonly privateExponent: bigint
  readonly prime1: bigint
  readonly prime2: bigint
  readonly exponent1: bigint
  readonly exponent2: bigint
  readonly coefficient: bigint
  /** Primes beyond the two (RFC 8017, 3.2). */
  readonly otherPrimes: number
}

export interface EcPrivateKey extends EcParameters {
  readonly kind: 'ec'
  readonly secret: bigint
  /** The point as it stands beside the secret (SEC 1, 2.3.3), where it does. */
  readonly point: Uint8Array | undefined
}

export interface Ed25519PrivateKey {
  readonly kind: 'ed25519'
  /** 32 octets. */
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array | undefined
}

export interface OtherPrivateKey {
  readonly kind: 'other'
  readonly oid: string
}

/** @throws DerError when it is not what its algorithm says; an algorithm that we do not know is `other` */
export function readPrivateKey(info: PrivateKeyInfo): PrivateKey {
  const { oid } = info.algorithm
  const read = READERS[oid]
  return read === undefined ? { kind: 'other', oid } : read(info)
}

const READERS: Readonly<Record<string, (info: PrivateKeyInfo) => PrivateKey>> = {
  [OID.rsaEncryption]: readRsa,
  [OID.ecPublicKey]: readEc,
  [OID.ed25519]: readEd25519,
}

function readRsa({ algorithm, privateKey }: PrivateKeyInfo): RsaPrivateKey {
  if (algorithm.parameters === undefined) throw new DerError('missing-field', 'rsaEncryption parameters')
  readNull(algorithm.parameters)
  return readFields(parseDer(privateKey), 'RSAPrivateKey', fields => {
    const version = readSmallInteger(fields.take('version'))
    const number = (name: string): bigint => readUnsigned(fields.take(name))
    const key = {
      modulus: number('modulus'),
      publicExponent: number('publicExponent'),
      privateExponent: number('privateExponent'),
      prime1: number('prime1'),
      prime2: number('prime2'),
      exponent1: number('exponent1'),
      exponent2: number('exponent2'),
      coefficient: number('coefficient'),
    }
    const others = version === MULTI ? readSequence(fields.take('otherPrimeInfos')) : []
    if (version > MULTI) throw new DerError('value-not-allowed', 'RSAPrivateKey.version')
    return { kind: 'rsa', ...key, otherPrimes: others.length }
  })
}

function readEc({ algorithm, privateKey, publicKey }: PrivateKeyInfo): EcPrivateKey {
  return readFields(parseDer(privateKey), 'ECPrivateKey', fields => {
    if (readSmallInteger(fields.take('version')) !== 1)
      throw new DerError('value-not-allowed', 'ECPrivateKey.version')
    const secret = readOctetString(fields.take('privateKey'))
    if (secret.length === 0 || secret.length > MAX_SECRET_BYTES)
      throw new DerError('value-not-allowed', 'privateKey')
    const inner = fields.explicit(0)
    const point = fields.explicit(1)
    return {
      kind: 'ec',
      ...readCurve(algorithm.parameters, inner),
      secret: BigInt(`0x${toHex(secret)}`),
      point: point === undefined ? publicKey : readBitString(point),
    }
  })
}

/** Said outside, inside or in both places; twice means the same twice. */
function readCurve(outer: DerNode | undefined, inner: DerNode | undefined): EcParameters {
  if (outer !== undefined && inner !== undefined && !equal(outer.bytes, inner.bytes)) {
    throw new DerError('value-not-allowed', 'ECParameters differ')
  }
  return readEcParameters(outer ?? inner)
}

function readEd25519({ algorithm, privateKey, publicKey }: PrivateKeyInfo): Ed25519PrivateKey {
  if (algorithm.parameters !== undefined) throw new DerError('unknown-field', 'Ed25519 parameters')
  const seed = readOctetString(parseDer(privateKey))
  if (seed.length !== ED25519_BYTES) throw new DerError('value-not-allowed', 'CurvePrivateKey')
  return { kind: 'ed25519', seed, publicKey }
}

function readUnsigned(node: DerNode): bigint {
  const value = readInteger(node)
  if (value < 0n) throw new DerError('value-not-allowed', 'negative INTEGER')
  return value
}

// RFC 8017, A.1.2: two-prime(0), multi(1).
const MULTI = 1
// P-521; longer is the key of no curve that we know.
const MAX_SECRET_BYTES = 66
const ED25519_BYTES = 32
