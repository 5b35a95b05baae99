/**
 * The two forms of an ECDSA signature: ECDSA-Sig-Value, the DER that X.509, CMS, WebAuthn and crypto modules carry
 * (RFC 3279, 2.2.3), and r || s, two octet strings of the length of the order, as WebCrypto, JWS (RFC 7518, 3.4) and
 * PKCS #11 have it.
 *
 * Read strictly: two spellings of one signature would be two signatures to a log.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readUnsignedBytes } from '../asn1/read.ts'
import { type Der, sequence, unsignedInteger } from '../asn1/write.ts'

/** r || s, both of the same length, to SEQUENCE { r INTEGER, s INTEGER }. */
export function buildEcdsaSigValue(pair: Uint8Array): Der {
  const size = pair.length / 2
  return sequence(unsignedInteger(pair.subarray(0, size)), unsignedInteger(pair.subarray(size)))
}

/**
 * SEQUENCE { r INTEGER, s INTEGER } to r || s.
 *
 * @param size octets of each of the two
 * @returns `undefined` for anything but the one DER spelling of two positive integers that fit
 */
export function parseEcdsaSigValue(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    const { r, s } = readFields(parseDer(der), 'ECDSA-Sig-Value', fields => ({
      r: readPositive(fields.take('r')),
      s: readPositive(fields.take('s')),
    }))
    if (r.length > size || s.length > size) return undefined
    const pair = new Uint8Array(2 * size)
    pair.set(r, size - r.length)
    pair.set(s, 2 * size - s.length)
    return pair
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function readPositive(node: DerNode): Uint8Array {
  const octets = readUnsignedBytes(node)
  if (octets.every(octet => octet === 0)) throw new DerError('value-not-allowed', 'zero in ECDSA-Sig-Value')
  return octets
}
