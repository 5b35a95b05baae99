/**
 * SubjectPublicKeyInfo from what a token says of a public key, through JWK (RFC 7518, 6.2.1 and 6.3.1; RFC 8037, 2), so
 * that the platform writes the DER.
 */
import { createPublicKey } from 'node:crypto'
import type { Curve } from '@natsuin/pki/algorithms'
import { toBase64url } from '@natsuin/pki/encoding'
import { subjectPublicKeyBits } from '@natsuin/pki/x509'
import { orderSizes } from '../curve-order.ts'

/**
 * From CKA_EC_POINT: DER OCTET STRING around the uncompressed point (PKCS #11 Current Mechanisms V2.40, 2.3.3).
 * @throws Error when the value is anything else, or not a point of the curve
 */
export function ecPublicKey(curve: Curve, ecPoint: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = orderSizes[curve]
  const point = ecPoint.subarray(ecPoint.length - (1 + 2 * size))
  const header = point.length < 0x80 ? [0x04, point.length] : [0x04, 0x81, point.length]
  const expected = [...header, 0x04]
  if (ecPoint.length !== header.length + 1 + 2 * size || expected.some((byte, at) => ecPoint[at] !== byte)) {
    throw new Error(`the token's CKA_EC_POINT is not an uncompressed point of ${curve}`)
  }
  return spkiOf({
    kty: 'EC',
    crv: curve,
    x: toBase64url(point.subarray(1, 1 + size)),
    y: toBase64url(point.subarray(1 + size)),
  })
}

/**
 * From CKA_EC_POINT of an Edwards key: the octets of RFC 8032, 5.1.5, or those in a DER OCTET STRING.
 * @throws Error when the value is anything else
 */
export function ed25519PublicKey(point: Uint8Array): Uint8Array<ArrayBuffer> {
  const isWrapped = point.length === 34 && point[0] === 0x04 && point[1] === 32
  const octets = isWrapped ? point.subarray(2) : point
  if (octets.length !== 32) throw new Error("the token's CKA_EC_POINT is not an Ed25519 public key")
  return spkiOf({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(octets) })
}

/** From CKA_MODULUS and CKA_PUBLIC_EXPONENT, both big-endian. */
export function rsaPublicKey(modulus: Uint8Array, exponent: Uint8Array): Uint8Array<ArrayBuffer> {
  return spkiOf({ kty: 'RSA', n: toBase64url(modulus), e: toBase64url(exponent) })
}

/** The octets of the point: what a SubjectPublicKeyInfo of either kind of curve holds (RFC 5480, 2.2; RFC 8410, 4). */
export const pointOf = (spki: Uint8Array): Uint8Array => subjectPublicKeyBits(spki)

/** Modulus and exponent, big-endian. */
export function rsaNumbersOf(spki: Uint8Array): { modulus: Buffer; exponent: Buffer } {
  const { n, e } = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  })
  if (n === undefined || e === undefined) throw new Error('the public key is no RSA key')
  return { modulus: Buffer.from(n, 'base64url'), exponent: Buffer.from(e, 'base64url') }
}

const spkiOf = (key: { kty: string; [member: string]: string }): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' }))
