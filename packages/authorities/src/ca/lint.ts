/**
 * Lint before sign: the exact bytes that are about to be signed, read back and held against the profile.
 *
 * The rules look at the certificate as a relying party will, not at how it was built, so that a mistake in the
 * profile or in the writer blocks issuance instead of leaving in a certificate. A rule that fires is a defect.
 */
import { OID } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { assembleSigned, type Certificate, isAcceptableKey, parseCertificate } from '@natsuin/pki/x509'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import { subjectName } from '@natsuin/protocol/issuance'
import { type Issuer, issuerKeyIdentifier } from './issuer.ts'

export interface LintExpectation {
  readonly issuer: Issuer
  /** DER SubjectPublicKeyInfo that was attested. */
  readonly spki: Uint8Array
  readonly subject: SubjectAttributes
  /** Dotted OID. */
  readonly policy: string
}

/** Names of the rules that the to-be-signed bytes break; empty when they may be signed. */
export function lintSignerCertificate(tbs: Uint8Array, expected: LintExpectation): readonly string[] {
  const { algorithm } = expected.issuer.key
  const certificate = parseCertificate(assembleSigned(tbs, algorithm, NO_SIGNATURE))
  const broken = Object.entries(RULES).filter(([, holds]) => !holds(certificate, expected))
  return broken.map(([name]) => name)
}

/** Never looked at: the bytes are only read, as the content of a certificate that does not exist yet. */
const NO_SIGNATURE = Uint8Array.of(0)

const RULES: Readonly<Record<string, (certificate: Certificate, expected: LintExpectation) => boolean>> = {
  'serial number is positive and of 20 octets (RFC 5280, 4.1.2.2)': ({ serialNumber }) =>
    serialNumber.length === 20 && (serialNumber[0] ?? 0x80) < 0x80,
  'issuer is the name of the issuing CA (RFC 5280, 4.1.2.4)': ({ issuer }, expected) =>
    equal(issuer.bytes, expected.issuer.certificate.subject.bytes),
  'validity lies within the validity of the issuing CA': ({ notBefore, notAfter }, { issuer }) =>
    notBefore >= issuer.certificate.notBefore &&
    notAfter <= issuer.certificate.notAfter &&
    notBefore < notAfter,
  'public key is the attested one': ({ spki }, expected) => equal(spki, expected.spki),
  'public key is of an accepted kind': ({ publicKey }) => isAcceptableKey(publicKey),
  'subject is the attested one': ({ subject }, expected) =>
    equal(subject.bytes, subjectName(expected.subject)),
  'key usage is nonRepudiation alone, and critical (EN 319 412-2 V2.3.1)': ({ extensions }) =>
    extensions.keyUsage?.length === 1 &&
    extensions.keyUsage[0] === 'nonRepudiation' &&
    extensions.all.some(({ oid, critical }) => oid === OID.keyUsage && critical),
  'subject is no authority (RFC 5280, 4.2.1.9)': ({ extensions }) =>
    extensions.basicConstraints === undefined || !extensions.basicConstraints.ca,
  'authority key identifier is that of the issuing CA (RFC 5280, 4.2.1.1)': ({ extensions }, { issuer }) =>
    extensions.authorityKeyIdentifier !== undefined &&
    equal(extensions.authorityKeyIdentifier, issuerKeyIdentifier(issuer)),
  'subject key identifier is there (RFC 5280, 4.2.1.2)': ({ extensions }) =>
    extensions.subjectKeyIdentifier !== undefined,
  'status can be asked for (RFC 5280, 4.2.1.13 and 4.2.2.1)': ({ extensions }) =>
    extensions.crlUrls.length === 1 && extensions.ocspUrls.length === 1,
  'policy is the one of the attested key (RFC 5280, 4.2.1.4)': ({ extensions }, { policy }) =>
    extensions.policies.length === 1 && extensions.policies[0] === policy,
  'no statement about a qualified device (RFC 3739, 3.2.6)': ({ extensions }) =>
    extensions.qcStatements === undefined,
  'no critical extension that nobody understands (RFC 5280, 4.2)': ({ extensions }) =>
    extensions.unknownCritical.length === 0,
}
