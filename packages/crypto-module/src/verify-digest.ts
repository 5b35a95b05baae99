/**
 * Whether a signature is one over a ready digest, which node:crypto cannot say either.
 *
 * For the check of one's own signature before it is released (sole control, 5). Where the message is known, the
 * platform verifies it. Where only the digest is:
 *
 * RSA: the public key operation gives back what was padded (RFC 8017, 8.1.2 and 8.2.2). ECDSA: ecdsa-scaling.ts read
 * backwards; the platform multiplies the public key Q by 1/c as a Diffie-Hellman of public values. That yields an x
 * coordinate alone, so both points of that x are tried. Only the holder of the same private key can sign for the
 * other one.
 */
import {
  constants,
  createECDH,
  createPublicKey,
  ECDH,
  type KeyObject,
  publicDecrypt,
  verify,
} from 'node:crypto'
import { type Curve, type KeyType, keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { bitString, sequence } from '@natsuin/pki/asn1'
import { parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { concat, equal } from '@natsuin/pki/encoding'
import { verifySync } from '@natsuin/pki/node'
import { readPublicKey } from '@natsuin/pki/x509'
import { checkDigest } from './check-digest.ts'
import { integerOf, octetsOf, orderSizes } from './curve-order.ts'
import { digestInfo } from './digest-info.ts'
import { ecAlgorithm } from './ec-identifiers.ts'
import { FIXED_MESSAGE, scalingFor } from './ecdsa-scaling.ts'
import { isPssOf } from './emsa-pss.ts'
import type { DigestToSign } from './module.ts'

export interface SigningPublicKey {
  readonly type: KeyType
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

/**
 * Whether `signature` (DER ECDSA-Sig-Value, RSA or Ed25519 octets) is one over the digest by this key.
 * @returns false for every signature that is not, one of another key or in another encoding included
 * @throws ModuleRefusal those of `checkDigest`; Error when the key is not of its type
 */
export function verifyDigest(key: SigningPublicKey, request: DigestToSign, signature: Uint8Array): boolean {
  checkDigest(key.type, request)
  const { curve } = keyTypes[key.type]
  if (request.message !== undefined) return verifyMessage(key, request.message, request, signature)
  return curve === undefined
    ? verifyRsa(key, request, signature)
    : verifyEcdsa(curve, ecPoint(curve, key.spki), request.digest, signature)
}

function verifyMessage(
  { type, spki }: SigningPublicKey,
  data: Uint8Array,
  { algorithm }: DigestToSign,
  signature: Uint8Array,
): boolean {
  checkType(spki, type)
  return verifySync({ algorithm, spki, data, signature })
}

function checkType(spki: Uint8Array, type: KeyType): void {
  if (readPublicKey(spki).keyType !== type) throw new Error(`the public key is not of type ${type}`)
}

/** The uncompressed point: all that differs between SubjectPublicKeyInfos of one curve (RFC 5480, 2.2). */
function ecPoint(curve: Curve, spki: Uint8Array): Uint8Array {
  const point = spki.slice(-(1 + 2 * orderSizes[curve]))
  const expected = sequence(ecAlgorithm(curve), bitString(point))
  if (!equal(expected, spki)) throw new Error(`the public key is not an uncompressed point of ${curve}`)
  return point
}

function verifyRsa({ type, spki }: SigningPublicKey, request: DigestToSign, signature: Uint8Array): boolean {
  checkType(spki, type)
  // Step 1 of either: OpenSSL would take a signature that begins with a zero octet without that octet too.
  if (signature.length * 8 !== keyTypes[type].bits) return false
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  return signatureAlgorithms[request.algorithm].family === 'rsa-pss'
    ? verifyPss(key, keyTypes[type].bits, request, signature)
    : verifyPkcs1(key, request, signature)
}

function verifyPkcs1(key: KeyObject, { algorithm, digest }: DigestToSign, signature: Uint8Array): boolean {
  const recovered = recover(key, constants.RSA_PKCS1_PADDING, signature)
  return recovered !== undefined && equal(recovered, digestInfo(algorithm, digest))
}

function verifyPss(
  key: KeyObject,
  modulusBits: number,
  { algorithm, digest }: DigestToSign,
  signature: Uint8Array,
): boolean {
  const encoded = recover(key, constants.RSA_NO_PADDING, signature)
  const hash = signatureAlgorithms[algorithm].digest
  return encoded !== undefined && isPssOf(hash, digest, encoded, modulusBits)
}

function recover(key: KeyObject, padding: number, signature: Uint8Array): Uint8Array | undefined {
  try {
    return publicDecrypt({ key, padding }, signature)
  } catch {
    return undefined
  }
}

function verifyEcdsa(curve: Curve, point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const { inverse, order, size, algorithm } = scalingFor(curve, digest)
  const pair = parseEcdsaSigValue(signature, size)
  if (pair === undefined) return false
  const s = integerOf(pair.subarray(size))
  if (s >= order) return false
  const scaled = concat(pair.subarray(0, size), octetsOf((s * inverse) % order, size))
  const x = multiply(curve, point, octetsOf(inverse, size))
  return [0x02, 0x03].some(parity => {
    const key = publicJwk(curve, concat(Uint8Array.of(parity), x))
    return verify(algorithm, FIXED_MESSAGE, { key, format: 'jwk', dsaEncoding: 'ieee-p1363' }, scaled)
  })
}

/** The x coordinate of a multiple of the point; the platform checks that it is on the curve. */
function multiply(curve: Curve, point: Uint8Array, factor: Uint8Array): Uint8Array {
  const ecdh = createECDH(OPENSSL_NAMES[curve])
  ecdh.setPrivateKey(factor)
  return ecdh.computeSecret(point)
}

/** A public key from a compressed point (SEC 1 V2.0, 2.3.4). */
function publicJwk(curve: Curve, compressed: Uint8Array) {
  const name = OPENSSL_NAMES[curve]
  // The declaration allows a string as well, for other encodings than the default.
  const point = ECDH.convertKey(compressed, name, undefined, undefined, 'uncompressed') as Buffer
  const half = (point.length - 1) / 2
  const coordinate = (from: number) => point.subarray(from, from + half).toString('base64url')
  return { kty: 'EC', crv: curve, x: coordinate(1), y: coordinate(1 + half) }
}

const OPENSSL_NAMES: Readonly<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
}
