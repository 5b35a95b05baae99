/**
 * ECDSA over a ready digest in software, by scaling (ecdsa-scaling.ts says how and why).
 *
 * The nonce stays in the platform's constant-time code. What remains to us is one product with the key, d/c, in
 * integers whose arithmetic may take longer for some keys than for others: a software module is level 1 and claims
 * nothing against somebody who can measure that.
 */
import { sign } from 'node:crypto'
import type { Curve, DigestAlgorithm } from '@natsuin/pki/algorithms'
import { concat } from '@natsuin/pki/encoding'
import { integerOf, octetsOf } from '../curve-order.ts'
import { FIXED_MESSAGE, scalingFor } from '../ecdsa-scaling.ts'
import { ecPrivateKeyInfo } from './ec-private-key-info.ts'

/** A private key as its secret integer, and the curve it lives on. */
export interface EcSecret {
  readonly curve: Curve
  readonly scalar: bigint
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
