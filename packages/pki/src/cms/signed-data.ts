/**
 * SignedData (RFC 5652, 3, 5.1 and 5.3), read and assembled with every byte kept.
 *
 * Assembling is the second step of signing: the signed attributes went to the signer, the signature value came
 * back. The encoding is DER throughout; RFC 5652 would allow BER outside the signed attributes, and we do not read it.
 */
import type { DigestAlgorithm, SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { signatureOf } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import {
  readIntegerBytes,
  readOctetString,
  readOid,
  readSmallInteger,
  readUnsortedSetOf,
} from '../asn1/read.ts'
import { contextConstructed, contextPrimitive, TAG } from '../asn1/tags.ts'
import {
  type Der,
  element,
  explicit,
  integer,
  octetString,
  oid,
  retag,
  sequence,
  set,
} from '../asn1/write.ts'
import { equal } from '../encoding/bytes.ts'
import {
  digestAlgorithmIdentifier,
  readAlgorithmIdentifier,
  readDigestAlgorithm,
  readSignatureAlgorithm,
  signatureAlgorithmIdentifier,
} from '../x509/algorithm-identifier.ts'
import type { Certificate } from '../x509/certificate.ts'
import {
  type Attributes,
  readSignedAttributes,
  readUnsignedAttributes,
  type SignedAttributes,
} from './attributes.ts'

export type SignerIdentifier =
  | {
      readonly kind: 'issuer-and-serial-number'
      readonly issuer: Uint8Array
      readonly serialNumber: Uint8Array
    }
  | { readonly kind: 'subject-key-identifier'; readonly keyIdentifier: Uint8Array }

export interface SignerInfo {
  readonly bytes: Uint8Array
  readonly identifier: SignerIdentifier
  /** `undefined` when it is not one of ours. */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  /** `undefined` when it is not one of ours. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  /** DER AlgorithmIdentifiers as they stand, for CMSAlgorithmProtection. */
  readonly algorithmBytes: { readonly digest: Uint8Array; readonly signature: Uint8Array }
  readonly signedAttributes: SignedAttributes | undefined
  /** RSA octets or DER ECDSA-Sig-Value. */
  readonly signature: Uint8Array
  readonly unsignedAttributes: Attributes | undefined
}

export interface SignedData {
  /** The whole ContentInfo, DER. */
  readonly bytes: Uint8Array
  readonly digestAlgorithms: readonly (DigestAlgorithm | undefined)[]
  /** Dotted OID of the encapsulated content. */
  readonly contentType: string
  /** `undefined` when the signature is detached. */
  readonly content: Uint8Array | undefined
  /** X.509 certificates, DER each; other kinds are left out. */
  readonly certificates: readonly Uint8Array[]
  /** CRLs, DER each; other revocation information is left out. */
  readonly crls: readonly Uint8Array[]
  /** Every CertificateChoices, whatever its kind, as it is encoded. */
  readonly certificateChoices: readonly Uint8Array[]
  /** Every RevocationInfoChoice, whatever its kind, as it is encoded. */
  readonly revocationInfoChoices: readonly Uint8Array[]
  readonly signerInfos: readonly SignerInfo[]
}

/** threats: certificates that one message may bring. */
const MAX_CERTIFICATES = 100

/**
 * @param der  ContentInfo with SignedData, nothing after it (`leadingElement` cuts the padding of a PDF)
 * @throws DerError
 */
export function parseSignedData(der: Uint8Array): SignedData {
  return readSignedData(parseDer(der))
}

export function readSignedData(node: DerNode): SignedData {
  const inner = readFields(node, 'ContentInfo', fields => {
    if (readOid(fields.take('contentType')) !== OID.signedData)
      throw new DerError('value-not-allowed', 'contentType')
    return fields.explicit(0)
  })
  if (inner === undefined) throw new DerError('missing-field', 'ContentInfo.content')
  return readFields(inner, 'SignedData', fields => {
    if (!SIGNED_DATA_VERSIONS.has(readSmallInteger(fields.take('version')))) {
      throw new DerError('value-not-allowed', 'SignedData.version')
    }
    const digestAlgorithms = readUnsortedSetOf(fields.take('digestAlgorithms')).map(readDigestAlgorithm)
    const encapsulated = readEncapsulatedContent(fields.take('encapContentInfo'))
    const certificates = fields.implicit(0, TAG.set)?.children ?? []
    if (certificates.length > MAX_CERTIFICATES) throw new DerError('too-many-elements', 'certificates')
    const revocationInfos = fields.implicit(1, TAG.set)?.children ?? []
    const signerInfos = readUnsortedSetOf(fields.take('signerInfos')).map(one => readSignerInfo(one))
    return {
      bytes: node.bytes,
      digestAlgorithms,
      ...encapsulated,
      certificates: plainChoices(certificates),
      crls: plainChoices(revocationInfos),
      certificateChoices: certificates.map(({ bytes }) => bytes),
      revocationInfoChoices: revocationInfos.map(({ bytes }) => bytes),
      signerInfos,
    }
  })
}

// RFC 5652, 5.1
const SIGNED_DATA_VERSIONS: ReadonlySet<number> = new Set([1, 3, 4, 5])

function readEncapsulatedContent(node: DerNode): Pick<SignedData, 'contentType' | 'content'> {
  return readFields(node, 'EncapsulatedContentInfo', fields => {
    const contentType = readOid(fields.take('eContentType'))
    const content = fields.explicit(0)
    return { contentType, content: content === undefined ? undefined : readOctetString(content) }
  })
}

/** CertificateChoices and RevocationInfoChoices: the X.509 alternative is the untagged SEQUENCE. */
function plainChoices(choices: readonly DerNode[]): readonly Uint8Array[] {
  return choices.filter(({ tag }) => tag === TAG.sequence).map(({ bytes }) => bytes)
}

/** @param over  see `readSignedAttributes` */
export function readSignerInfo(node: DerNode, over: 'content' | 'signature' = 'content'): SignerInfo {
  return readFields(node, 'SignerInfo', fields => {
    const version = readSmallInteger(fields.take('version'))
    const identifier = readSignerIdentifier(fields.take('sid'))
    if (version !== SIGNER_VERSION[identifier.kind])
      throw new DerError('value-not-allowed', 'SignerInfo.version')
    const digest = fields.take('digestAlgorithm')
    const signedAttributes = fields.implicit(0, TAG.set)
    const signature = fields.take('signatureAlgorithm')
    const digestAlgorithm = readDigestAlgorithm(digest)
    const value = readOctetString(fields.take('signature'))
    const unsignedAttributes = fields.implicit(1, TAG.set)
    return {
      bytes: node.bytes,
      identifier,
      digestAlgorithm,
      signatureAlgorithm: readCmsSignatureAlgorithm(signature, digestAlgorithm),
      algorithmBytes: { digest: digest.bytes, signature: signature.bytes },
      signedAttributes:
        signedAttributes === undefined ? undefined : readSignedAttributes(signedAttributes, over),
      signature: value,
      unsignedAttributes:
        unsignedAttributes === undefined ? undefined : readUnsignedAttributes(unsignedAttributes),
    }
  })
}

/** RFC 5652, 5.3: the version follows from the kind of identifier. */
const SIGNER_VERSION: Readonly<Record<SignerIdentifier['kind'], number>> = {
  'issuer-and-serial-number': 1,
  'subject-key-identifier': 3,
}

function readSignerIdentifier(node: DerNode): SignerIdentifier {
  if (node.tag === contextPrimitive(0)) return { kind: 'subject-key-identifier', keyIdentifier: node.content }
  return readFields(node, 'IssuerAndSerialNumber', fields => ({
    kind: 'issuer-and-serial-number',
    issuer: fields.take('issuer').bytes,
    serialNumber: readIntegerBytes(fields.take('serialNumber')),
  }))
}

/** RFC 5754, 3.2 lets CMS name RSA as rsaEncryption and the digest beside it. */
function readCmsSignatureAlgorithm(
  node: DerNode,
  digest: DigestAlgorithm | undefined,
): SignatureAlgorithm | undefined {
  const { oid: type, parameters } = readAlgorithmIdentifier(node)
  if (type !== OID.rsaEncryption) return readSignatureAlgorithm(node)
  return parameters?.tag === TAG.null && digest !== undefined ? signatureOf('rsa-pkcs1', digest) : undefined
}

export interface SignedDataParts {
  /** Dotted OID; id-data unless it is said otherwise, and then the same as in the signed attributes. */
  readonly contentType?: string
  /** Left out for a detached signature. */
  readonly content?: Uint8Array
  readonly digestAlgorithm: DigestAlgorithm
  readonly signatureAlgorithm: SignatureAlgorithm
  /** The bytes that were signed: SET OF Attribute with tag 0x31. */
  readonly signedAttributes: Uint8Array
  /** RSA octets or DER ECDSA-Sig-Value. */
  readonly signature: Uint8Array
  readonly signer: Certificate
  /** The rest of the chain, DER each; the signer's certificate is put in by itself. */
  readonly certificates?: readonly Uint8Array[]
  /** No certificate at all, not the signer's either: a time-stamp token without certReq (RFC 3161, 2.4.1). */
  readonly withoutCertificates?: boolean
  /** DER each. */
  readonly crls?: readonly Uint8Array[]
  /** DER Attributes, see `signatureTimeStamp`. */
  readonly unsignedAttributes?: readonly Uint8Array[]
}

/** The finished signature: DER ContentInfo with SignedData and one SignerInfo. */
export function assembleSignedData(parts: SignedDataParts): Der {
  const { contentType = OID.data, content, crls = [] } = parts
  const chain = [parts.signer.bytes, ...(parts.certificates ?? [])]
  const certificates = parts.withoutCertificates ? [] : distinct(chain)
  const signedData = sequence(
    integer(contentType === OID.data ? 1 : 3),
    set(digestAlgorithmIdentifier(parts.digestAlgorithm)),
    sequence(oid(contentType), content === undefined ? undefined : explicit(0, octetString(content))),
    tagged(0, certificates),
    tagged(1, distinct(crls)),
    set(writeSignerInfo(parts)),
  )
  return sequence(oid(OID.signedData), explicit(0, signedData))
}

function writeSignerInfo(parts: SignedDataParts): Der {
  const { signer, unsignedAttributes = [] } = parts
  return sequence(
    integer(SIGNER_VERSION['issuer-and-serial-number']),
    sequence(signer.issuer.bytes, element(TAG.integer, signer.serialNumber)),
    digestAlgorithmIdentifier(parts.digestAlgorithm),
    retag(contextConstructed(0), parts.signedAttributes),
    signatureAlgorithmIdentifier(parts.signatureAlgorithm),
    octetString(parts.signature),
    tagged(1, unsignedAttributes),
  )
}

/** `[n] IMPLICIT SET OF … OPTIONAL`: left out when it would be empty. */
function tagged(n: number, members: readonly Uint8Array[]): Der | undefined {
  return members.length === 0 ? undefined : retag(contextConstructed(n), set(...members))
}

function distinct(encodings: readonly Uint8Array[]): readonly Uint8Array[] {
  return encodings.filter((der, i) => encodings.findIndex(other => equal(der, other)) === i)
}

/** Whether this certificate is the one the signer is identified by. */
export function identifies(identifier: SignerIdentifier, certificate: Certificate): boolean {
  if (identifier.kind === 'subject-key-identifier') {
    const { subjectKeyIdentifier } = certificate.extensions
    return subjectKeyIdentifier !== undefined && equal(subjectKeyIdentifier, identifier.keyIdentifier)
  }
  const { issuer, serialNumber } = identifier
  return equal(issuer, certificate.issuer.bytes) && equal(serialNumber, certificate.serialNumber)
}
