/**
 * Private keys written again, in the one spelling that both crypto modules read: PrivateKeyInfo of version 1
 * (RFC 5958, 2) without attributes, EC keys without repeated parameters and with their point.
 */
import { type Curve, keyTypes } from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import { bitString, type Der, explicit, integer, null_, octetString, oid, sequence } from '../asn1/write.ts'
import type { RsaPrivateKey } from './private-key.ts'

/** RFC 8017, A.1.2. */
export function buildRsaPrivateKeyInfo(key: RsaPrivateKey): Der {
  const { modulus, publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient } = key
  const numbers = [
    modulus,
    publicExponent,
    privateExponent,
    prime1,
    prime2,
    exponent1,
    exponent2,
    coefficient,
  ]
  const privateKey = sequence(integer(0), ...numbers.map(integer))
  return sequence(integer(0), sequence(oid(OID.rsaEncryption), null_()), octetString(privateKey))
}

/**
 * RFC 5915, 3.
 *
 * @param point  uncompressed; without it the platform computes it
 */
export function buildEcPrivateKeyInfo(curve: Curve, secret: bigint, point?: Uint8Array): Der {
  const { bits, curveOid = '' } = Object.values(keyTypes).find(type => type.curve === curve) ?? { bits: 0 }
  const octets = octetsOf(secret, Math.ceil(bits / 8))
  const publicKey = point === undefined ? undefined : explicit(1, bitString(point))
  const privateKey = sequence(integer(1), octetString(octets), publicKey)
  return sequence(integer(0), sequence(oid(OID.ecPublicKey), oid(curveOid)), octetString(privateKey))
}

/** RFC 8410, 7. */
export function buildEd25519PrivateKeyInfo(seed: Uint8Array): Der {
  return sequence(integer(0), sequence(oid(OID.ed25519)), octetString(octetString(seed)))
}

/** SEC 1, 2.3.7. */
function octetsOf(value: bigint, size: number): Uint8Array {
  const octets = new Uint8Array(size)
  let rest = value
  for (let i = size - 1; i >= 0; i--) {
    octets[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return octets
}
