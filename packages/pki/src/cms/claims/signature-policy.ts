/**
 * signature-policy-identifier: EN 319 122-1 V1.3.1, 5.2.9.1; the rules under which the signature was made, bound by the
 * digest of their document.
 */
import { type DigestAlgorithm, digestAlgorithms } from '../../algorithms/algorithms.ts'
import { DerError } from '../../asn1/der-error.ts'
import type { DerNode } from '../../asn1/der-node.ts'
import { readFields } from '../../asn1/fields.ts'
import { OID } from '../../asn1/oid.ts'
import { readOctetString, readOid, readSequence, readText } from '../../asn1/read.ts'
import { TAG } from '../../asn1/tags.ts'
import { type Der, ia5String, octetString, oid, sequence } from '../../asn1/write.ts'
import { digestAlgorithmIdentifier, readDigestAlgorithm } from '../../x509/algorithm-identifier.ts'
import type { Claim } from './claim.ts'

export interface SignaturePolicy {
  /** Dotted OID of the policy. */
  readonly identifier: string
  /** What the digest is computed with; `undefined` when it is not one of ours. */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  /** Of the policy document. */
  readonly digest: Uint8Array
  /** Where the document is (5.2.9.2, spuri). */
  readonly uri?: string
}

export const signaturePolicy: Claim<SignaturePolicy> = { oid: OID.signaturePolicyIdentifier, write, read }

function write({ identifier, digestAlgorithm, digest, uri }: SignaturePolicy): Der {
  if (digestAlgorithm === undefined || digest.length !== digestAlgorithms[digestAlgorithm].size)
    throw new RangeError('a policy is named with the digest of its document')
  return sequence(
    oid(identifier),
    sequence(digestAlgorithmIdentifier(digestAlgorithm), octetString(digest)),
    uri === undefined ? undefined : sequence(sequence(oid(OID.signaturePolicyUri), ia5String(uri))),
  )
}

/** signaturePolicyImplied is not used in this version, and is not read. */
function read(node: DerNode): SignaturePolicy {
  return readFields(node, 'SignaturePolicyId', fields => {
    const identifier = readOid(fields.take('sigPolicyId'))
    const hash = readFields(fields.take('sigPolicyHash'), 'SigPolicyHash', inner => ({
      digestAlgorithm: readDigestAlgorithm(inner.take('hashAlgorithm')),
      digest: readOctetString(inner.take('hashValue')),
    }))
    return { identifier, ...hash, ...readUri(fields.optional(TAG.sequence)) }
  })
}

function readUri(qualifiers: DerNode | undefined): Pick<SignaturePolicy, 'uri'> {
  for (const qualifier of qualifiers === undefined ? [] : readSequence(qualifiers)) {
    const [type, value] = readSequence(qualifier, 'SigPolicyQualifierInfo')
    if (type === undefined) throw new DerError('missing-field', 'sigPolicyQualifierId')
    if (readOid(type) === OID.signaturePolicyUri && value !== undefined) return { uri: readText(value) }
  }
  return {}
}
