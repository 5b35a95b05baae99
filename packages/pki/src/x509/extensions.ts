/**
 * Extensions: the list (RFC 5280, 4.1.2.9), and the ones we understand (4.2), each with its bytes kept.
 *
 * An extension we understand is read strictly or refused; a critical one we do not understand is listed, and
 * path validation refuses the certificate (4.2: "MUST reject").
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { type Fields, readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import {
  readBoolean,
  readNamedBits,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  readText,
  readTime,
} from '../asn1/read.ts'
import { contextConstructed, contextPrimitive, TAG } from '../asn1/tags.ts'

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** DER inside the OCTET STRING. */
  readonly value: Uint8Array
}

/** RFC 5280, 4.2.1.3; the position is the bit. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

export interface BasicConstraints {
  readonly ca: boolean
  readonly pathLength: number | undefined
}

/** The extensions of a certificate that we understand; absent ones are `undefined` or empty. */
export interface CertificateExtensions {
  /** All of them in order, known or not. */
  readonly all: readonly Extension[]
  readonly basicConstraints: BasicConstraints | undefined
  readonly keyUsage: readonly KeyUsage[] | undefined
  /** Dotted OIDs of key purposes. */
  readonly extKeyUsage: readonly string[] | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
  readonly authorityKeyIdentifier: Uint8Array | undefined
  /** URLs of full CRLs in CRL distribution points. */
  readonly crlUrls: readonly string[]
  readonly ocspUrls: readonly string[]
  readonly caIssuersUrls: readonly string[]
  /** Dotted OIDs of certificate policies. */
  readonly policies: readonly string[]
  /** DER QCStatements (RFC 3739, 3.2.6). */
  readonly qcStatements: Uint8Array | undefined
  readonly privateKeyUsagePeriod:
    | { readonly notBefore: Date | undefined; readonly notAfter: Date | undefined }
    | undefined
  /** RFC 6960, 4.2.2.2.1: this responder certificate is not checked for revocation. */
  readonly ocspNoCheck: boolean
  /** Dotted OIDs of critical extensions that we do not understand. */
  readonly unknownCritical: readonly string[]
}

/** SEQUENCE OF Extension; a second extension with the same OID is refused (RFC 5280, 4.2). */
export function readExtensions(node: DerNode | undefined): readonly Extension[] {
  if (node === undefined) return []
  const list = readSequence(node, 'Extensions').map(readExtension)
  if (list.length === 0) throw new DerError('missing-field', 'Extensions')
  if (new Set(list.map(extension => extension.oid)).size !== list.length) {
    throw new DerError('duplicate-field', 'Extensions')
  }
  return list
}

function readExtension(node: DerNode): Extension {
  return readFields(node, 'Extension', fields => {
    const type = readOid(fields.take('extnID'))
    const critical = readDefaultFalse(fields, 'critical')
    return { oid: type, critical, value: readOctetString(fields.take('extnValue')) }
  })
}

/** BOOLEAN DEFAULT FALSE: DER leaves FALSE out (X.690, 11.5). */
export function readDefaultFalse(fields: Fields, field: string): boolean {
  const node = fields.optional(TAG.boolean)
  if (node === undefined) return false
  if (!readBoolean(node)) throw new DerError('default-encoded', field)
  return true
}

/** The value of one extension, parsed; `undefined` when it is absent. */
export function findExtension<T>(
  extensions: readonly Extension[],
  type: string,
  read: (node: DerNode) => T,
): T | undefined {
  const found = extensions.find(extension => extension.oid === type)
  return found === undefined ? undefined : read(parseDer(found.value))
}

export function readCertificateExtensions(all: readonly Extension[]): CertificateExtensions {
  const find = <T>(type: string, read: (node: DerNode) => T) => findExtension(all, type, read)
  const access = find(OID.authorityInfoAccess, readAccessDescriptions) ?? []
  return {
    all,
    basicConstraints: find(OID.basicConstraints, readBasicConstraints),
    keyUsage: find(OID.keyUsage, readKeyUsage),
    extKeyUsage: find(OID.extKeyUsage, node => readSequence(node, 'ExtKeyUsageSyntax').map(readOid)),
    subjectKeyIdentifier: find(OID.subjectKeyIdentifier, readOctetString),
    authorityKeyIdentifier: find(OID.authorityKeyIdentifier, readAuthorityKeyIdentifier),
    crlUrls: find(OID.cRLDistributionPoints, readDistributionPointUrls) ?? [],
    ocspUrls: urlsOf(access, OID.adOcsp),
    caIssuersUrls: urlsOf(access, OID.adCaIssuers),
    policies: find(OID.certificatePolicies, readPolicies) ?? [],
    qcStatements: find(OID.qcStatements, node => node.bytes),
    privateKeyUsagePeriod: find(OID.privateKeyUsagePeriod, readUsagePeriod),
    ocspNoCheck: all.some(extension => extension.oid === OID.ocspNoCheck),
    unknownCritical: all.filter(isUnknownCritical).map(extension => extension.oid),
  }
}

/**
 * What a certificate may mark critical without our refusing it. Subject alternative names bind a further name,
 * which only name constraints would test, and those are refused. Policies bind nothing while no policy is
 * demanded (RFC 5280, 6.1.1 (c) and (e)); whoever demands one reads `policies`.
 */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.subjectAltName,
  OID.certificatePolicies,
  OID.cRLDistributionPoints,
  OID.authorityInfoAccess,
  OID.qcStatements,
  OID.privateKeyUsagePeriod,
  OID.ocspNoCheck,
])

function isUnknownCritical(extension: Extension): boolean {
  return extension.critical && !UNDERSTOOD.has(extension.oid)
}

/** RFC 5280, 4.2.1.9. */
function readBasicConstraints(node: DerNode): BasicConstraints {
  return readFields(node, 'BasicConstraints', fields => {
    const ca = readDefaultFalse(fields, 'BasicConstraints.cA')
    const length = fields.optional(TAG.integer)
    if (length !== undefined && !ca) throw new DerError('value-not-allowed', 'pathLenConstraint without cA')
    return { ca, pathLength: length === undefined ? undefined : readSmallInteger(length) }
  })
}

/** RFC 5280, 4.2.1.3: at least one bit. */
function readKeyUsage(node: DerNode): readonly KeyUsage[] {
  const usages = readNamedBits(node).flatMap(bit => KEY_USAGES[bit] ?? [])
  if (usages.length === 0) throw new DerError('value-not-allowed', 'KeyUsage')
  return usages
}

/** RFC 5280, 4.2.1.1; issuer and serial number are a hint of path building that we do not use. */
function readAuthorityKeyIdentifier(node: DerNode): Uint8Array | undefined {
  return readFields(node, 'AuthorityKeyIdentifier', fields => {
    const keyIdentifier = fields.implicit(0, TAG.octetString)
    fields.implicit(1, TAG.sequence)
    fields.implicit(2, TAG.integer)
    return keyIdentifier === undefined ? undefined : readOctetString(keyIdentifier)
  })
}

/** RFC 5280, 4.2.1.13. */
function readDistributionPointUrls(node: DerNode): readonly string[] {
  return readSequence(node, 'CRLDistributionPoints').flatMap(point =>
    readFields(point, 'DistributionPoint', fields => {
      const name = fields.explicit(0)
      fields.implicit(1, TAG.bitString)
      const indirect = fields.implicit(2, TAG.sequence)
      return name?.tag === FULL_NAME && indirect === undefined ? name.children.flatMap(urlOf) : []
    }),
  )
}

const FULL_NAME = contextConstructed(0)
// GeneralName: uniformResourceIdentifier [6] IA5String
const URI = contextPrimitive(6)

function urlOf(generalName: DerNode): readonly string[] {
  return generalName.tag === URI ? [readText(generalName.as(TAG.ia5String))] : []
}

interface AccessDescription {
  readonly method: string
  readonly urls: readonly string[]
}

/** RFC 5280, 4.2.2.1. */
function readAccessDescriptions(node: DerNode): readonly AccessDescription[] {
  return readSequence(node, 'AuthorityInfoAccessSyntax').map(description =>
    readFields(description, 'AccessDescription', fields => ({
      method: readOid(fields.take('accessMethod')),
      urls: urlOf(fields.take('accessLocation')),
    })),
  )
}

function urlsOf(access: readonly AccessDescription[], method: string): readonly string[] {
  return access.filter(description => description.method === method).flatMap(description => description.urls)
}

/** RFC 5280, 4.2.1.4; qualifiers are for people and stay in the bytes. */
function readPolicies(node: DerNode): readonly string[] {
  return readSequence(node, 'CertificatePolicies').map(policy =>
    readFields(policy, 'PolicyInformation', fields => {
      const identifier = readOid(fields.take('policyIdentifier'))
      fields.optional(TAG.sequence)
      return identifier
    }),
  )
}

/**
 * RFC 3280, 4.2.1.4 (RFC 5280 does not repeat it): time-stamping units carry it, so that they stop signing long
 * before their certificate expires.
 */
function readUsagePeriod(node: DerNode): CertificateExtensions['privateKeyUsagePeriod'] {
  return readFields(node, 'PrivateKeyUsagePeriod', fields => {
    const [notBefore, notAfter] = [0, 1].map(n => fields.implicit(n, TAG.generalizedTime))
    return {
      notBefore: notBefore === undefined ? undefined : readTime(notBefore),
      notAfter: notAfter === undefined ? undefined : readTime(notAfter),
    }
  })
}
