/** The digests of key files, each once: names on both sides, and the sizes that RFC 7292, B.2 calls u and v. */
import { digestAlgorithms } from '../algorithms/algorithms.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { OID } from '../asn1/oid.ts'
import { TAG } from '../asn1/tags.ts'
import type { PasswordDigest } from '../platform/index.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'

interface DigestSizes {
  readonly oid: string
  readonly hmacOid: string
  /** Octets of the digest. */
  readonly size: number
  /** Octets of the block it works on. */
  readonly block: number
}

export const passwordDigests: Readonly<Record<PasswordDigest, DigestSizes>> = {
  sha1: { oid: OID.sha1, hmacOid: OID.hmacWithSha1, size: 20, block: 64 },
  sha224: { oid: OID.sha224, hmacOid: OID.hmacWithSha224, size: 28, block: 64 },
  sha256: { ...digestAlgorithms.sha256, hmacOid: OID.hmacWithSha256, block: 64 },
  sha384: { ...digestAlgorithms.sha384, hmacOid: OID.hmacWithSha384, block: 128 },
  sha512: { ...digestAlgorithms.sha512, hmacOid: OID.hmacWithSha512, block: 128 },
}

/** The digest whose OID, or whose HMAC's OID, an AlgorithmIdentifier names; `undefined` for any other. */
export function readPasswordDigest(node: DerNode, kind: 'oid' | 'hmacOid'): PasswordDigest | undefined {
  const { oid, parameters } = readAlgorithmIdentifier(node)
  if (parameters !== undefined && parameters.tag !== TAG.null) return undefined
  return NAMES.find(name => passwordDigests[name][kind] === oid)
}

// Object.keys loses the key type of a Record that is exhaustive by construction.
const NAMES = Object.keys(passwordDigests) as readonly PasswordDigest[]
