/**
 * ECDSA in software, over a message by the platform, over a ready digest by scaling (ecdsa-scaling.ts says how and why).
 *
 * The nonce stays in the platform's constant-time code. What remains to us is one product with the key, d/c, in
 * integers whose arithmetic may take longer for some keys than for others: a software module is level 1 and claims
 * nothing against somebody who can measure that.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { Curve, DigestAlgorithm, SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { concat } from '@natsuin/pki/encoding'
import { signatureScheme } from '@natsuin/pki/node'
import { integerOf, octetsOf } from '../curve-order.ts'
import { FIXED_MESSAGE, scalingFor } from '../ecdsa-scaling.ts'
import type { DigestToSign } from '../module.ts'
import { ecPrivateKeyInfo, ecSecretOctets } from './ec-private-key-info.ts'

/** A private key as its secret integer, and the curve it lives on. */
export interface EcSecret {
  readonly curve: Curve
  readonly scalar: bigint
}

/** What signs with this PKCS #8 key; `undefined` when the bytes are not a key of the curve. DER ECDSA-Sig-Value. */
export function ecdsaSigner(
  curve: Curve,
  pkcs8: Uint8Array,
): ((request: DigestToSign) => Uint8Array) | undefined {
  const octets = ecSecretOctets(curve, pkcs8)
  if (octets === undefined) return undefined
  const secret = { curve, scalar: integerOf(octets) }
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  return request =>
    request.message === undefined
      ? buildEcdsaSigValue(signEcdsa(secret, request.digest))
      : signMessage(key, request.algorithm, request.message)
}

function signMessage(key: KeyObject, algorithm: SignatureAlgorithm, message: Uint8Array): Uint8Array {
  const { hash, ...options } = signatureScheme(algorithm)
  return new Uint8Array(sign(hash, message, { key, ...options }))
}

/** Signs a digest of the curve's own strength, not zero. Returns r || s, each of the order's length. */
export function signEcdsa({ curve, scalar }: EcSecret, digest: Uint8Array): Uint8Array<ArrayBuffer> {
  const { factor, inverse, order, size, algorithm } = scalingFor(curve, digest)
  const scaledKey = octetsOf((scalar * inverse) % order, size)
  const pair = signFixedMessage(curve, scaledKey, algorithm)
  scaledKey.fill(0)
  const s = (integerOf(pair.subarray(size)) * factor) % order
  return concat(pair.subarray(0, size), octetsOf(s, size))
}

function signFixedMessage(curve: Curve, scaledKey: Uint8Array, algorithm: DigestAlgorithm): Uint8Array {
  const key = Buffer.from(ecPrivateKeyInfo(curve, scaledKey).buffer)
  const pair = sign(algorithm, FIXED_MESSAGE, {
    key,
    format: 'der',
    type: 'pkcs8',
    dsaEncoding: 'ieee-p1363',
  })
  key.fill(0)
  return pair
}
