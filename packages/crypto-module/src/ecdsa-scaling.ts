/**
 * Moves ECDSA between a ready digest and a fixed message, because node:crypto takes messages only.
 *
 * Node 24 offers neither signature nor verification over a digest: `crypto.sign(null, …)` hashes with the curve's
 * default digest, and `privateEncrypt` is for RSA alone (`crypto.signDigest` is proposed in nodejs/node#62345; these
 * files can go when it is there). We neither write ECDSA nor touch its nonce: the platform signs a fixed message
 * under a scaled key, and we scale the answer back.
 *
 * Let e be the digest as an integer, e0 that of the fixed message, d the key, n the order, and c = e / e0 (mod n).
 * The platform, given the key d/c, answers (r, s0) with s0 = (e0 + r d/c) / k (RFC 6979, 2.4). Then
 *
 *     c s0 = (c e0 + r d) / k = (e + r d) / k = s,
 *
 * and (r, s) is exactly the signature over e under d that the nonce k would have given: the nonce is drawn, used
 * and forgotten inside the platform, and signatures are distributed as ever. Read backwards, (r, s) verifies over e
 * under the public key Q exactly when (r, s/c) verifies over e0 under Q/c. e = 0 has no inverse; check-digest.ts
 * refuses it for a reason of its own.
 */
import { createHash } from 'node:crypto'
import type { Curve, DigestAlgorithm } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { curveOrders, integerOf, orderSizes } from './curve-order.ts'

export interface Scaling {
  /** c and 1/c modulo the order; both public. */
  readonly factor: bigint
  readonly inverse: bigint
  readonly order: bigint
  /** Octets of an integer below the order. */
  readonly size: number
  /** Hash of the fixed message. */
  readonly algorithm: DigestAlgorithm
}

// Any message would do; a fixed one lets the inverse of its digest be computed once.
export const FIXED_MESSAGE = utf8('natsuin: ECDSA over a ready digest')

/** The scaling for a digest of the curve's own strength that check-digest.ts let through. */
export function scalingFor(curve: Curve, digest: Uint8Array): Scaling {
  const { order, size, algorithm, e0, e0Inverse } = CURVES[curve]
  const e = integerOf(digest) % order
  const factor = (e * e0Inverse) % order
  const inverse = (inverseOf(e, order) * e0) % order
  return { factor, inverse, order, size, algorithm }
}

/** Extended Euclid. Its time depends on its operand, which is a digest: public. */
function inverseOf(value: bigint, modulus: bigint): bigint {
  let [previous, current] = [modulus, value]
  let [previousFactor, factor] = [0n, 1n]
  while (current !== 0n) {
    const quotient = previous / current
    ;[previous, current] = [current, previous - quotient * current]
    ;[previousFactor, factor] = [factor, previousFactor - quotient * factor]
  }
  return previousFactor < 0n ? previousFactor + modulus : previousFactor
}

function curveEntry(curve: Curve, algorithm: DigestAlgorithm) {
  const order = curveOrders[curve]
  const e0 = integerOf(createHash(algorithm).update(FIXED_MESSAGE).digest()) % order
  return { order, size: orderSizes[curve], algorithm, e0, e0Inverse: inverseOf(e0, order) }
}

// No digest is longer than its curve's order, so none is cut (RFC 6979, 2.3.2).
const CURVES: Readonly<Record<Curve, ReturnType<typeof curveEntry>>> = {
  'P-256': curveEntry('P-256', 'sha256'),
  'P-384': curveEntry('P-384', 'sha384'),
  'P-521': curveEntry('P-521', 'sha512'),
}
