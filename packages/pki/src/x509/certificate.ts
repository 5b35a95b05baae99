/**
 * Certificates (RFC 5280, 4.1): strict in, bytes kept, nothing judged.
 *
 * Whether a certificate may be used is for `path`; here it is only read. Keep `bytes` and re-emit them: nothing
 * in this library encodes a certificate again.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { type Fields, readFields } from '../asn1/fields.ts'
import { parseDer } from '../asn1/parse.ts'
import { readIntegerBytes, readSmallInteger, readTime } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { equal } from '../encoding/bytes.ts'
import { type CertificateExtensions, readCertificateExtensions, readExtensions } from './extensions.ts'
import { type Name, readName } from './name.ts'
import { type PublicKey, publicKeyOf } from './public-key.ts'
import { readSigned, type Signed } from './signed.ts'

export interface Certificate extends Signed {
  /** The whole certificate, DER. */
  readonly bytes: Uint8Array
  /** Content octets of the INTEGER, sign octet included: certificates are told apart by these bytes. */
  readonly serialNumber: Uint8Array
  readonly issuer: Name
  readonly subject: Name
  readonly notBefore: Date
  /** Inclusive (RFC 5280, 4.1.2.5). */
  readonly notAfter: Date
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly publicKey: PublicKey
  readonly extensions: CertificateExtensions
}

/**
 * @param der  one certificate, nothing after it
 * @throws DerError when the bytes are not a certificate of RFC 5280 in DER
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return readCertificate(parseDer(der))
}

/**
 * Those that are certificates. What others put into a message may be unreadable; it is then of no use to anyone,
 * and no reason to fail.
 */
export function readableCertificates(ders: readonly Uint8Array[]): readonly Certificate[] {
  return ders.flatMap(der => {
    try {
      return [parseCertificate(der)]
    } catch (error) {
      if (error instanceof DerError) return []
      throw error
    }
  })
}

export function readCertificate(node: DerNode): Certificate {
  return readFields(node, 'Certificate', fields => {
    const { body, algorithm, tbs, signatureAlgorithm, signature } = readSigned(fields)
    const content = readFields(body, 'TBSCertificate', inner => readTbs(inner, algorithm))
    return { bytes: node.bytes, tbs, signatureAlgorithm, signature, ...content }
  })
}

function readTbs(fields: Fields, algorithm: DerNode): Omit<Certificate, keyof Signed | 'bytes'> {
  const version = readVersion(fields)
  const serialNumber = readIntegerBytes(fields.take('serialNumber'))
  checkSameAlgorithm(fields.take('signature'), algorithm)
  const issuer = readName(fields.take('issuer'))
  const validity = readFields(fields.take('validity'), 'Validity', times => ({
    notBefore: readTime(times.take('notBefore')),
    notAfter: readTime(times.take('notAfter')),
  }))
  const subject = readName(fields.take('subject'))
  const spki = fields.take('subjectPublicKeyInfo')
  readUniqueIdentifiers(fields, version)
  const extensions = fields.explicit(3)
  if (extensions !== undefined && version !== V3) throw new DerError('unknown-field', 'extensions before v3')
  return {
    serialNumber,
    issuer,
    subject,
    ...validity,
    spki: spki.bytes,
    publicKey: publicKeyOf(spki),
    extensions: readCertificateExtensions(readExtensions(extensions)),
  }
}

const V1 = 0
const V3 = 2

/** RFC 5280, 4.1.2.1: [0] EXPLICIT DEFAULT v1. */
function readVersion(fields: Fields): number {
  const node = fields.explicit(0)
  if (node === undefined) return V1
  const version = readSmallInteger(node)
  if (version === V1) throw new DerError('default-encoded', 'version')
  if (version > V3) throw new DerError('value-not-allowed', 'version')
  return version
}

/** RFC 5280, 4.1.2.3: the same identifier as outside, or the outer one could be swapped unsigned. */
export function checkSameAlgorithm(inner: DerNode, outer: DerNode): void {
  if (!equal(inner.bytes, outer.bytes)) throw new DerError('value-not-allowed', 'signature algorithms differ')
}

/** RFC 5280, 4.1.2.8: only in v2 and v3; nobody uses them. */
function readUniqueIdentifiers(fields: Fields, version: number): void {
  const found = [1, 2].map(n => fields.implicit(n, TAG.bitString)).some(node => node !== undefined)
  if (found && version === V1) throw new DerError('unknown-field', 'unique identifiers in v1')
}
