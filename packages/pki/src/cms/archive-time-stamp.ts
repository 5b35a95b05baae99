/**
 * The archive-time-stamp-v3 attribute and the hash index in its token: EN 319 122-1 V1.3.1, 5.5.2 and 5.5.3.
 *
 * The index names, by digest, every certificate, every piece of revocation information and every unsigned attribute value
 * that was there. More may be added later; nothing that is named may go.
 */
import type { DigestAlgorithm } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readOctetString, readSequence } from '../asn1/read.ts'
import { contextConstructed } from '../asn1/tags.ts'
import { type Der, octetString, oid, sequence } from '../asn1/write.ts'
import { concat, join } from '../encoding/bytes.ts'
import type { Digest } from '../platform/index.ts'
import { digestAlgorithmIdentifier, readDigestAlgorithm } from '../x509/algorithm-identifier.ts'
import { attribute, valuesOf } from './attributes.ts'
import { addUnsignedAttribute } from './extend.ts'
import { parseSignedData, type SignedData, type SignerInfo } from './signed-data.ts'

/** What a hash index is over, encoding by encoding. */
export interface HashIndexInput {
  readonly certificates: readonly Uint8Array[]
  readonly revocationInfos: readonly Uint8Array[]
  /** attrType and one AttributeValue, concatenated. */
  readonly attributeValues: readonly Uint8Array[]
}

export function hashIndexInput(signedData: SignedData, signerInfo: SignerInfo): HashIndexInput {
  const attributes = signerInfo.unsignedAttributes?.all ?? []
  return {
    certificates: signedData.certificateChoices,
    revocationInfos: signedData.revocationInfoChoices,
    attributeValues: attributes.flatMap(({ oid: type, values }) =>
      values.map(({ bytes }) => concat(oid(type), bytes)),
    ),
  }
}

export interface HashIndex {
  /** DER ATSHashIndexV3, as it is encoded. */
  readonly bytes: Uint8Array
  /** `undefined` when it is not one of ours. */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  /** Digests, by what they are over. */
  readonly digests: { readonly [Part in keyof HashIndexInput]: readonly Uint8Array[] }
}

/** DER ATSHashIndexV3; the algorithm has no DEFAULT (annex D). */
export async function buildHashIndex(
  input: HashIndexInput,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<Der> {
  const lists: Der[] = []
  for (const part of PARTS) {
    const digests: Der[] = []
    for (const encoding of input[part]) digests.push(octetString(await platform.digest(algorithm, encoding)))
    lists.push(sequence(join(digests)))
  }
  return sequence(digestAlgorithmIdentifier(algorithm), ...lists)
}

/** In the order of the fields. */
const PARTS = ['certificates', 'revocationInfos', 'attributeValues'] as const

/**
 * The hash index in the token of an archive time-stamp.
 *
 * @param token  DER TimeStampToken
 * @throws DerError unless there is exactly one, and one signer
 */
export function hashIndexOf(token: Uint8Array): HashIndex {
  const [signerInfo, ...others] = parseSignedData(token).signerInfos
  const [value, ...more] = valuesOf(signerInfo?.unsignedAttributes, OID.atsHashIndexV3)
  if (value === undefined || more.length > 0 || others.length > 0)
    throw new DerError('missing-field', 'ats-hash-index-v3')
  return readHashIndex(value)
}

function readHashIndex(node: DerNode): HashIndex {
  return readFields(node, 'ATSHashIndexV3', fields => {
    const digestAlgorithm = readDigestAlgorithm(fields.take('hashIndAlgorithm'))
    const list = (what: string) => readSequence(fields.take(what), what).map(readOctetString)
    const certificates = list('certificatesHashIndex')
    const revocationInfos = list('crlsHashIndex')
    const attributeValues = list('unsignedAttrValuesHashIndex')
    return { bytes: node.bytes, digestAlgorithm, digests: { certificates, revocationInfos, attributeValues } }
  })
}

/** The token with the index as its unsigned attribute. */
export function withHashIndex(token: Uint8Array, index: Uint8Array): Der {
  return addUnsignedAttribute(token, attribute(OID.atsHashIndexV3, index))
}

/**
 * What the message imprint of an archive time-stamp is the digest of: 5.5.3, steps 1 to 4.
 *
 * @param contentDigest  of the signed content, by the algorithm of the imprint
 * @param index          DER ATSHashIndexV3
 */
export function archiveImprintInput(
  { contentType }: SignedData,
  signerInfo: SignerInfo,
  contentDigest: Uint8Array,
  index: Uint8Array,
): Uint8Array {
  const fields = parseDer(signerInfo.bytes).children
  const last = fields.at(-1)
  const signed = last?.tag === contextConstructed(1) ? fields.slice(0, -1) : fields
  return concat(oid(contentType), contentDigest, ...signed.map(({ bytes }) => bytes), index)
}

/** DER Attribute around a token that has its hash index. */
export function archiveTimeStamp(token: Uint8Array): Der {
  return attribute(OID.archiveTimeStampV3, token)
}

/** The archive time-stamps of this signer, DER TimeStampToken each; none is verified. */
export function archiveTimeStampsOf({ unsignedAttributes }: SignerInfo): readonly Uint8Array[] {
  return valuesOf(unsignedAttributes, OID.archiveTimeStampV3).map(({ bytes }) => bytes)
}
