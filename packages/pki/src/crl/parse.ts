/**
 * Certificate revocation lists (RFC 5280, 5.1), read without building a tree of their entries.
 *
 * A CRL may have a million entries; only the few fields around the list are parsed at once, and entries one by one
 * while they are looked at.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { Fields, readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { elementsOf, parseDer } from '../asn1/parse.ts'
import {
  expectTag,
  readEnumerated,
  readInteger,
  readIntegerBytes,
  readSmallInteger,
  readTime,
} from '../asn1/read.ts'
import { contextConstructed, TAG } from '../asn1/tags.ts'
import { equal } from '../encoding/bytes.ts'
import { checkSameAlgorithm } from '../x509/certificate.ts'
import { type Extension, findExtension, readExtensions } from '../x509/extensions.ts'
import { type Name, readName } from '../x509/name.ts'
import { readSigned, type Signed } from '../x509/signed.ts'

/** CRLReason (RFC 5280, 5.3.1). */
export const CRL_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const

export type CrlReason = keyof typeof CRL_REASONS

export interface CrlEntry {
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array
  readonly revokedAt: Date
  /** `unspecified` when the entry gives none. */
  readonly reason: CrlReason
  /** Dotted OIDs of critical entry extensions that we do not understand; such an entry cannot be relied on. */
  readonly unknownCritical: readonly string[]
}

export interface Crl extends Signed {
  /** The whole CRL, DER. */
  readonly bytes: Uint8Array
  readonly issuer: Name
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly crlNumber: bigint | undefined
  readonly extensions: readonly Extension[]
  /** Dotted OIDs of critical extensions that we do not understand: partial, indirect and delta CRLs among them. */
  readonly unknownCritical: readonly string[]
  /** Reads the entries from the start each time; throws DerError at a malformed one. */
  entries(): Generator<CrlEntry>
}

export const MAX_CRL_BYTES = 50 * 1024 * 1024
export const MAX_CRL_ENTRIES = 1_000_000

/**
 * @throws DerError when the bytes are not a version 2 (or extension-less version 1) CRL, or above the limits
 */
export function parseCrl(der: Uint8Array): Crl {
  if (der.length > MAX_CRL_BYTES) throw new DerError('length-too-long', 'CertificateList')
  const [list, ...after] = elementsOf(der)
  if (list === undefined) throw new DerError('truncated')
  if (after.length > 0) throw new DerError('trailing-bytes')
  const fields = shallowFields(list, 'CertificateList')
  const body = fields.take('tbsCertList')
  const outer = [...elementsOf(list.content)].slice(1).map(node => parseDer(node.bytes))
  const signed = readSigned(new Fields('CertificateList', [body, ...outer]))
  const { algorithm, tbs, signatureAlgorithm, signature } = signed
  if (outer.length !== 2) throw new DerError('unknown-field', 'CertificateList')
  return { bytes: list.bytes, tbs, signatureAlgorithm, signature, ...readBody(body, algorithm) }
}

/** The entry for this serial number (content octets of the INTEGER); `undefined` when it is not revoked. */
export function findEntry(crl: Crl, serialNumber: Uint8Array): CrlEntry | undefined {
  for (const entry of crl.entries()) {
    if (equal(entry.serialNumber, serialNumber)) return entry
  }
  return undefined
}

/** A cursor over the elements directly inside a SEQUENCE, each without its children. */
function shallowFields(node: DerNode, structure: string): Fields {
  return new Fields(structure, [...elementsOf(expectTag(node, TAG.sequence, structure).content)])
}

function readBody(body: DerNode, algorithm: DerNode): Omit<Crl, keyof Signed | 'bytes'> {
  const fields = shallowFields(body, 'TBSCertList')
  const isV2 = readVersion(fields)
  checkSameAlgorithm(fields.take('signature'), algorithm)
  const issuer = readName(parseDer(fields.take('issuer').bytes))
  const thisUpdate = readTime(fields.take('thisUpdate'))
  const nextUpdate = fields.optional(TAG.utcTime, TAG.generalizedTime)
  const revoked = fields.optional(TAG.sequence)
  const extensions = readCrlExtensions(fields.optional(contextConstructed(0)), isV2)
  fields.end()
  return {
    issuer,
    thisUpdate,
    nextUpdate: nextUpdate === undefined ? undefined : readTime(nextUpdate),
    crlNumber: findExtension(extensions, OID.cRLNumber, readInteger),
    extensions,
    unknownCritical: unknownCriticalOf(extensions, CRL_EXTENSIONS),
    entries: () => entriesOf(revoked, isV2),
  }
}

/** RFC 5280, 5.1.2.1: absent for version 1, else INTEGER 1. */
function readVersion(fields: Fields): boolean {
  const version = fields.optional(TAG.integer)
  if (version === undefined) return false
  if (readSmallInteger(version) !== 1) throw new DerError('value-not-allowed', 'TBSCertList.version')
  return true
}

function readCrlExtensions(node: DerNode | undefined, isV2: boolean): readonly Extension[] {
  if (node === undefined) return []
  if (!isV2) throw new DerError('unknown-field', 'crlExtensions in version 1')
  const [inner, ...more] = parseDer(node.bytes).children
  if (more.length > 0) throw new DerError('unknown-field', 'crlExtensions')
  return readExtensions(inner)
}

function* entriesOf(revoked: DerNode | undefined, isV2: boolean): Generator<CrlEntry> {
  if (revoked === undefined) return
  let count = 0
  for (const node of elementsOf(revoked.content)) {
    count += 1
    if (count > MAX_CRL_ENTRIES) throw new DerError('too-many-elements', 'revokedCertificates')
    yield readEntry(parseDer(node.bytes), isV2)
  }
}

function readEntry(node: DerNode, isV2: boolean): CrlEntry {
  return readFields(node, 'revokedCertificate', fields => {
    const serialNumber = readIntegerBytes(fields.take('userCertificate'))
    const revokedAt = readTime(fields.take('revocationDate'))
    const extensions = readExtensions(isV2 ? fields.optional(TAG.sequence) : undefined)
    const reason = findExtension(extensions, OID.reasonCode, readReason)
    const unknownCritical = unknownCriticalOf(extensions, ENTRY_EXTENSIONS)
    return { serialNumber, revokedAt, reason: reason ?? 'unspecified', unknownCritical }
  })
}

/** ENUMERATED CRLReason. */
export function readReason(node: DerNode): CrlReason {
  const code = readEnumerated(node)
  const reason = REASON_NAMES.find(name => CRL_REASONS[name] === code)
  if (reason === undefined) throw new DerError('value-not-allowed', 'CRLReason')
  return reason
}

// Object.keys loses the key type of a constant object.
const REASON_NAMES = Object.keys(CRL_REASONS) as readonly CrlReason[]

function unknownCriticalOf(extensions: readonly Extension[], known: ReadonlySet<string>): readonly string[] {
  return extensions.filter(({ oid, critical }) => critical && !known.has(oid)).map(({ oid }) => oid)
}

const CRL_EXTENSIONS: ReadonlySet<string> = new Set([
  OID.cRLNumber,
  OID.authorityKeyIdentifier,
  OID.expiredCertsOnCRL,
])
const ENTRY_EXTENSIONS: ReadonlySet<string> = new Set([OID.reasonCode, OID.invalidityDate])
