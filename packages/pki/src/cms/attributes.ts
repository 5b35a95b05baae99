/**
 * Attributes of CMS (RFC 5652, 5.3 and 11), and the signed ones of a CAdES or PAdES baseline signature.
 *
 * Signed attributes are hashed as a DER SET OF, tag 0x31, and carried as `[0] IMPLICIT` (RFC 5652, 5.4). Here they
 * always have the tag that is hashed, so that what is approved, signed and embedded is one byte string.
 */
import type { DigestAlgorithm, SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readOctetString, readOid, readSetOf, readTime, readUnsortedSetOf } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { type Der, implicit, octetString, oid, retag, sequence, set, time } from '../asn1/write.ts'
import { digestAlgorithmIdentifier, signatureAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { type EssCertId, readSigningCertificateV2, signingCertificateV2 } from './signing-certificate.ts'

export interface Attribute {
  readonly oid: string
  readonly values: readonly DerNode[]
  /** The whole attribute, DER. */
  readonly bytes: Uint8Array
}

export interface Attributes {
  /** The SET OF with tag 0x31: for signed attributes, what is hashed and signed. */
  readonly bytes: Uint8Array
  readonly all: readonly Attribute[]
}

/** DER Attribute; `values` are DER. */
export function attribute(type: string, ...values: readonly Uint8Array[]): Der {
  return sequence(oid(type), set(...values))
}

export interface SignedAttributesProfile {
  /**
   * Dotted OID of what is signed; id-data unless it is said otherwise. A counter-signature is over no content, and must
   * not name one (RFC 5652, 11.4).
   */
  readonly contentType?: string | 'none'
  /** Digest of the content with the digest algorithm of the signature. */
  readonly messageDigest: Uint8Array
  /** Digest of the signer's certificate: `essCertIdOf`. */
  readonly signingCertificate: EssCertId
  /** When the signer says it signed. CAdES only: EN 319 142-1 V1.2.1, 6.3 forbids it in PAdES baseline signatures. */
  readonly signingTime?: Date
  /** Algorithms that the signer binds (RFC 6211, 2). */
  readonly algorithmProtection?: {
    readonly digestAlgorithm: DigestAlgorithm
    readonly signatureAlgorithm: SignatureAlgorithm
  }
  /** Further attributes, DER; the caller answers for them. */
  readonly further?: readonly Uint8Array[]
}

/**
 * Signed attributes of a baseline signature: content-type, message-digest, signing-certificate-v2, and what is
 * asked for.
 *
 * @returns DER SET OF Attribute with tag 0x31: hash and sign these very bytes
 */
export function buildSignedAttributes(profile: SignedAttributesProfile): Der {
  const {
    contentType = OID.data,
    messageDigest,
    signingCertificate,
    signingTime,
    algorithmProtection,
  } = profile
  return set(
    ...(contentType === 'none' ? [] : [attribute(OID.contentType, oid(contentType))]),
    attribute(OID.messageDigest, octetString(messageDigest)),
    attribute(OID.signingCertificateV2, signingCertificateV2(signingCertificate)),
    ...(signingTime === undefined ? [] : [attribute(OID.signingTime, time(signingTime))]),
    ...(algorithmProtection === undefined ? [] : [protection(algorithmProtection)]),
    ...(profile.further ?? []),
  )
}

/** CMSAlgorithmProtection with the signature algorithm in [1] (RFC 6211, 2). */
function protection(algorithms: NonNullable<SignedAttributesProfile['algorithmProtection']>): Der {
  return attribute(
    OID.cmsAlgorithmProtection,
    sequence(
      digestAlgorithmIdentifier(algorithms.digestAlgorithm),
      implicit(1, signatureAlgorithmIdentifier(algorithms.signatureAlgorithm)),
    ),
  )
}

function readProtection(node: DerNode): SignedAttributes['algorithmProtection'] {
  return readFields(node, 'CMSAlgorithmProtection', fields => {
    const digest = fields.take('digestAlgorithm').bytes
    const signature = fields.implicit(1, TAG.sequence)
    if (signature === undefined)
      throw new DerError('missing-field', 'CMSAlgorithmProtection.signatureAlgorithm')
    return { digest, signature: retag(TAG.sequence, signature.bytes) }
  })
}

/** What the signed attributes of a baseline signature say. */
export interface SignedAttributes extends Attributes {
  /** `undefined` in a counter-signature. */
  readonly contentType: string | undefined
  readonly messageDigest: Uint8Array
  /** The first certificate of signing-certificate-v2; `undefined` without the attribute. */
  readonly signingCertificate: EssCertId | undefined
  readonly signingTime: Date | undefined
  /** DER AlgorithmIdentifiers of CMSAlgorithmProtection (RFC 6211, 2). */
  readonly algorithmProtection: { readonly digest: Uint8Array; readonly signature: Uint8Array } | undefined
}

/**
 * Signed attributes from the bytes that are hashed.
 *
 * @param der  SET OF Attribute with tag 0x31
 * @throws DerError when they are not DER, when content-type or message-digest is missing, or when an attribute is
 *   there twice or with more than one value (RFC 5652, 11.1 and 11.2; RFC 5035, 3)
 */
export function parseSignedAttributes(der: Uint8Array): SignedAttributes {
  return readSignedAttributes(parseDer(der))
}

/** @param over  whether a content or, by a counter-signature, a signature value is signed */
export function readSignedAttributes(
  node: DerNode,
  over: 'content' | 'signature' = 'content',
): SignedAttributes {
  const attributes = readAttributes(readSetOf(node, 'SignedAttributes'), node)
  const contentType = singleValue(attributes, OID.contentType)
  if ((contentType === undefined) !== (over === 'signature'))
    throw new DerError('missing-field', 'content-type')
  const messageDigest = requiredValue(attributes, OID.messageDigest, 'message-digest')
  const signingCertificate = singleValue(attributes, OID.signingCertificateV2)
  const signingTime = singleValue(attributes, OID.signingTime)
  const algorithmProtection = singleValue(attributes, OID.cmsAlgorithmProtection)
  return {
    ...attributes,
    contentType: contentType === undefined ? undefined : readOid(contentType),
    messageDigest: readOctetString(messageDigest),
    signingCertificate:
      signingCertificate === undefined ? undefined : readSigningCertificateV2(signingCertificate),
    signingTime: signingTime === undefined ? undefined : readTime(signingTime),
    algorithmProtection: algorithmProtection === undefined ? undefined : readProtection(algorithmProtection),
  }
}

/** Unsigned attributes; nobody hashes them as DER, so their order is free (RFC 5652, 5.3). */
export function readUnsignedAttributes(node: DerNode): Attributes {
  return readAttributes(readUnsortedSetOf(node, 'UnsignedAttributes'), node)
}

function readAttributes(members: readonly DerNode[], node: DerNode): Attributes {
  if (members.length === 0) throw new DerError('missing-field', 'Attributes')
  return { bytes: retag(TAG.set, node.bytes), all: members.map(readAttribute) }
}

function readAttribute(node: DerNode): Attribute {
  return readFields(node, 'Attribute', fields => ({
    oid: readOid(fields.take('attrType')),
    values: readUnsortedSetOf(fields.take('attrValues'), 'attrValues'),
    bytes: node.bytes,
  }))
}

/** All values of all attributes of this type. */
export function valuesOf(attributes: Attributes | undefined, type: string): readonly DerNode[] {
  return attributes?.all.filter(candidate => candidate.oid === type).flatMap(({ values }) => values) ?? []
}

/**
 * The one value of the one attribute of this type; `undefined` when there is no such attribute.
 *
 * @throws DerError duplicate-field when there are two, or two values, or an attribute without a value
 */
export function singleValue(attributes: Attributes, type: string): DerNode | undefined {
  const [found, ...more] = attributes.all.filter(candidate => candidate.oid === type)
  if (found === undefined) return undefined
  const [value, ...others] = found.values
  if (value === undefined || others.length > 0 || more.length > 0) throw new DerError('duplicate-field', type)
  return value
}

function requiredValue(attributes: Attributes, type: string, name: string): DerNode {
  const value = singleValue(attributes, type)
  if (value === undefined) throw new DerError('missing-field', name)
  return value
}
