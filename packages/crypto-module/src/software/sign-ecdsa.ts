/**
 * ECDSA over a ready digest, with a platform that only signs messages.
 *
 * Node 24 offers no signature over a digest: `crypto.sign(null, …)` hashes with the curve's default digest, and
 * `privateEncrypt` is for RSA alone (`crypto.signDigest` is proposed in nodejs/node#62345). We neither write ECDSA
 * nor touch its nonce. We let the platform sign a fixed message under a scaled key, and scale the answer back.
 *
 * Let e be the digest as an integer, e0 that of the fixed message, d the key, n the order, and c = e / e0 (mod n).
 * The platform, given the key d/c, answers (r, s0) with s0 = (e0 + r d/c) / k (FIPS 186-5, 6.4.1). Then
 *
 *     c s0 = (c e0 + r d) / k = (e + r d) / k = s,
 *
 * and (r, s) is exactly the signature over e under d that the nonce k would have given: the nonce is drawn, used
 * and forgotten inside the platform's constant-time code, and signatures are distributed as ever. What remains to
 * us is one product with the key, d/c, in arithmetic whose time may depend on its operands; c itself is public. A
 * software module is level 1 and claims nothing against somebody who measures it. e = 0 has no inverse and is
 * refused before (check-digest.ts).
 */
import { createHash, createPrivateKey, sign } from 'node:crypto'
import type { Curve, DigestAlgorithm } from '@natsuin/pki/algorithms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { curveOrders, integerOf, octetsOf, orderSizes } from '../curve-order.ts'
import { ecPrivateKeyInfo } from './ec-private-key-info.ts'

/** A private key as its secret integer, and the curve it lives on. */
export interface EcSecret {
  readonly curve: Curve
  readonly scalar: bigint
}

/** Signs a digest of the curve's own strength. Returns r || s, each of the order's length. */
export function signEcdsa({ curve, scalar }: EcSecret, digest: Uint8Array): Uint8Array<ArrayBuffer> {
  const { order, size, algorithm, e0, e0Inverse } = CURVES[curve]
  const e = integerOf(digest) % order
  const scaledKey = (((scalar * e0) % order) * inverse(e, order)) % order
  const pair = signFixedMessage(curve, octetsOf(scaledKey, size), algorithm)
  const s = (((integerOf(pair.subarray(size)) * e) % order) * e0Inverse) % order
  return concat(pair.subarray(0, size), octetsOf(s, size))
}

function signFixedMessage(curve: Curve, scaledKey: Uint8Array, algorithm: DigestAlgorithm): Uint8Array {
  const der = ecPrivateKeyInfo(curve, scaledKey)
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
  der.fill(0)
  return sign(algorithm, FIXED_MESSAGE, { key, dsaEncoding: 'ieee-p1363' })
}

// Any message would do; a fixed one lets its inverse be computed once.
const FIXED_MESSAGE = utf8('natsuin: software module')

/** Extended Euclid. Its time depends on its operand: it only ever sees digests, which are public. */
function inverse(value: bigint, modulus: bigint): bigint {
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
  return { order, size: orderSizes[curve], algorithm, e0, e0Inverse: inverse(e0, order) }
}

// No digest is longer than its curve's order, so none is cut (FIPS 186-5, 6.4.1, step 2).
const CURVES: Readonly<Record<Curve, ReturnType<typeof curveEntry>>> = {
  'P-256': curveEntry('P-256', 'sha256'),
  'P-384': curveEntry('P-384', 'sha384'),
  'P-521': curveEntry('P-521', 'sha512'),
}
