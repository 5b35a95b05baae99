/**
 * PrivateKeyInfo and its successor OneAsymmetricKey (RFC 5958, 2): which algorithm, and the key's octets.
 *
 * Attributes say nothing about the key and are passed over; a public key beside the private one is read where the
 * key's own format has none, because somebody may check one and use the other.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readBitString, readOctetString, readSmallInteger } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'

export interface PrivateKeyInfo {
  readonly algorithm: AlgorithmIdentifier
  /** What the OCTET STRING holds; its format is the algorithm's. */
  readonly privateKey: Uint8Array
  /** Only in version 2 of the structure. */
  readonly publicKey: Uint8Array | undefined
}

/** @throws DerError */
export function parsePrivateKeyInfo(der: Uint8Array): PrivateKeyInfo {
  return readPrivateKeyInfo(parseDer(der))
}

export function readPrivateKeyInfo(node: DerNode): PrivateKeyInfo {
  return readFields(node, 'OneAsymmetricKey', fields => {
    const version = readSmallInteger(fields.take('version'))
    if (version > V2) throw new DerError('value-not-allowed', 'version')
    const algorithm = readAlgorithmIdentifier(fields.take('privateKeyAlgorithm'))
    const privateKey = readOctetString(fields.take('privateKey'))
    fields.implicit(0, TAG.set)
    const publicKey = version === V2 ? fields.implicit(1, TAG.bitString) : undefined
    return { algorithm, privateKey, publicKey: publicKey && readBitString(publicKey) }
  })
}

// RFC 5958, 2: v1(0), v2(1).
const V2 = 1
