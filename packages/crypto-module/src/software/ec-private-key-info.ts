/**
 * PrivateKeyInfo (RFC 5208, 5) of an EC private key (RFC 5915, 3), in the two fixed spellings of this module.
 *
 * A key of one curve has one length, so everything but the secret integer and the point is the same in every key
 * of the curve. Reading puts the two into the fixed frame again and compares: whatever differs is not a key that
 * node exported, and no general parser comes near key material.
 */
import type { Curve } from '@natsuin/pki/algorithms'
import { bitString, type Der, explicit, integer, octetString, sequence } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { orderSizes } from '../curve-order.ts'
import { ecAlgorithm } from '../ec-identifiers.ts'

/** Without the optional public key, from the secret integer's octets; the platform computes the point. */
export function ecPrivateKeyInfo(curve: Curve, secret: Uint8Array): Der {
  return privateKeyInfo(curve, secret)
}

/** The secret integer's octets, a view; `undefined` when the bytes are not what node exports for this curve. */
export function ecSecretOctets(curve: Curve, pkcs8: Uint8Array): Uint8Array | undefined {
  const { frame, secretAt, size, pointAt } = FRAMES[curve]
  if (pkcs8.length !== frame.length) return undefined
  const secret = pkcs8.subarray(secretAt, secretAt + size)
  const expected = frame.slice()
  expected.set(secret, secretAt)
  expected.set(pkcs8.subarray(pointAt), pointAt)
  const matches = equal(expected, pkcs8)
  expected.fill(0)
  return matches ? secret : undefined
}

function privateKeyInfo(curve: Curve, secret: Uint8Array, point?: Uint8Array): Der {
  const ecPrivateKey = sequence(integer(1), octetString(secret), point && publicKeyField(point))
  return sequence(integer(0), ecAlgorithm(curve), octetString(ecPrivateKey))
}

const publicKeyField = (point: Uint8Array): Der => explicit(1, bitString(point))

/** The whole key with zeros where the secret and the point go. */
function keyFrame(curve: Curve) {
  const size = orderSizes[curve]
  const point = new Uint8Array(1 + 2 * size)
  point[0] = 0x04 // uncompressed: SEC 1 V2.0, 2.3.3
  const frame = privateKeyInfo(curve, new Uint8Array(size), point)
  const pointAt = frame.length - 2 * size
  const beforePoint = publicKeyField(point).length - 2 * size
  return { frame, size, pointAt, secretAt: pointAt - beforePoint - size }
}

const FRAMES: Readonly<Record<Curve, ReturnType<typeof keyFrame>>> = {
  'P-256': keyFrame('P-256'),
  'P-384': keyFrame('P-384'),
  'P-521': keyFrame('P-521'),
}
