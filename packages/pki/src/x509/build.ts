/**
 * Certificates, built: the to-be-signed bytes, and the extensions they carry (RFC 5280, 4.1 and 4.2).
 *
 * A profile is a list of finished extensions, so the profile of an authority reads as that list and nothing is
 * added behind its back. Criticality is fixed here where RFC 5280 fixes it.
 */
import type { SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { contextConstructed, contextPrimitive } from '../asn1/tags.ts'
import {
  boolean,
  type Der,
  element,
  explicit,
  generalizedTime,
  ia5String,
  implicit,
  integer,
  namedBits,
  null_,
  octetString,
  oid,
  retag,
  sequence,
  time,
  unsignedInteger,
} from '../asn1/write.ts'
import type { Digest } from '../platform/index.ts'
import { signatureAlgorithmIdentifier } from './algorithm-identifier.ts'
import { KEY_USAGES, type KeyUsage } from './extensions.ts'
import { subjectPublicKeyBits } from './public-key.ts'

export interface CertificateProfile {
  /** Big-endian, from 1 to 20 octets, not zero (RFC 5280, 4.1.2.2). */
  readonly serialNumber: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  /** DER Name: `buildName`, or the issuer's own subject bytes. */
  readonly issuer: Uint8Array
  /** DER Name. */
  readonly subject: Uint8Array
  readonly notBefore: Date
  /** Inclusive. */
  readonly notAfter: Date
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** Finished extensions, in the order they shall have. */
  readonly extensions: readonly Uint8Array[]
}

/**
 * DER TBSCertificate, version 3: what the issuer's key signs. `assembleSigned` makes the certificate of it.
 *
 * @throws RangeError for a serial number that RFC 5280, 4.1.2.2 does not allow, and for a validity that ends before
 *   it begins
 */
export function buildTbsCertificate(profile: CertificateProfile): Der {
  const serialNumber = unsignedInteger(profile.serialNumber)
  checkSerialNumber(serialNumber)
  if (profile.notAfter < profile.notBefore) throw new RangeError('notAfter lies before notBefore')
  return sequence(
    explicit(0, integer(2)),
    serialNumber,
    signatureAlgorithmIdentifier(profile.signatureAlgorithm),
    profile.issuer,
    sequence(time(profile.notBefore), time(profile.notAfter)),
    profile.subject,
    profile.spki,
    profile.extensions.length === 0 ? undefined : explicit(3, sequence(...profile.extensions)),
  )
}

/** RFC 5280, 4.1.2.2: positive, and at most 20 octets with the sign octet. */
function checkSerialNumber(der: Uint8Array): void {
  const { content } = parseDer(der)
  const isZero = content.length === 1 && content[0] === 0
  if (isZero || content.length > 20) throw new RangeError('serial number is zero or longer than 20 octets')
}

/** Any extension. `value` is DER. */
export function extension(type: string, critical: boolean, value: Uint8Array): Der {
  return sequence(oid(type), critical ? boolean(true) : undefined, octetString(value))
}

/** RFC 5280, 4.2.1.9; critical, as it must be in a CA certificate. */
export function basicConstraints(constraints: { readonly ca: boolean; readonly pathLength?: number }): Der {
  const { ca, pathLength } = constraints
  const value = ca
    ? sequence(boolean(true), pathLength === undefined ? undefined : integer(pathLength))
    : sequence()
  return extension(OID.basicConstraints, true, value)
}

/** RFC 5280, 4.2.1.3; critical. */
export function keyUsage(...usages: readonly KeyUsage[]): Der {
  return extension(OID.keyUsage, true, namedBits(usages.map(usage => KEY_USAGES.indexOf(usage))))
}

/** RFC 5280, 4.2.1.12; critical where the purpose is exclusive (time-stamping: RFC 3161, 2.3). */
export function extKeyUsage(purposes: readonly string[], options: { readonly critical: boolean }): Der {
  return extension(OID.extKeyUsage, options.critical, sequence(...purposes.map(oid)))
}

/** RFC 5280, 4.2.1.2. */
export function subjectKeyIdentifier(identifier: Uint8Array): Der {
  return extension(OID.subjectKeyIdentifier, false, octetString(identifier))
}

/** RFC 5280, 4.2.1.1, by key identifier. */
export function authorityKeyIdentifier(identifier: Uint8Array): Der {
  return extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, octetString(identifier))))
}

/** RFC 5280, 4.2.1.13: one distribution point for each URL. */
export function crlDistributionPoints(urls: readonly string[]): Der {
  const points = urls.map(url => sequence(explicit(0, element(contextConstructed(0), uri(url)))))
  return extension(OID.cRLDistributionPoints, false, sequence(...points))
}

/** RFC 5280, 4.2.2.1. */
export function authorityInfoAccess(access: {
  readonly ocsp?: readonly string[]
  readonly caIssuers?: readonly string[]
}): Der {
  const describe = (method: string, urls: readonly string[] = []) =>
    urls.map(url => sequence(oid(method), uri(url)))
  const descriptions = [...describe(OID.adOcsp, access.ocsp), ...describe(OID.adCaIssuers, access.caIssuers)]
  return extension(OID.authorityInfoAccess, false, sequence(...descriptions))
}

/** RFC 5280, 4.2.1.4; `cps` is the URL of a certification practice statement. */
export function certificatePolicies(
  policies: readonly { readonly oid: string; readonly cps?: string }[],
): Der {
  const describe = (policy: { readonly oid: string; readonly cps?: string }) =>
    sequence(
      oid(policy.oid),
      policy.cps === undefined ? undefined : sequence(sequence(oid(OID.cps), ia5String(policy.cps))),
    )
  return extension(OID.certificatePolicies, false, sequence(...policies.map(describe)))
}

/** RFC 3739, 3.2.6: statements are DER QCStatement. */
export function qcStatements(statements: readonly Uint8Array[]): Der {
  return extension(OID.qcStatements, false, sequence(...statements))
}

/** RFC 3280, 4.2.1.4: until when the private key may sign; for time-stamping units. */
export function privateKeyUsagePeriod(period: { readonly notBefore: Date; readonly notAfter: Date }): Der {
  const value = sequence(
    implicit(0, generalizedTime(period.notBefore)),
    implicit(1, generalizedTime(period.notAfter)),
  )
  return extension(OID.privateKeyUsagePeriod, false, value)
}

/** RFC 6960, 4.2.2.2.1. */
export function ocspNoCheck(): Der {
  return extension(OID.ocspNoCheck, false, null_())
}

/**
 * A key identifier of 20 octets: the leftmost 160 bits of the SHA-256 of the key's bits (RFC 7093, 2, method 1;
 * RFC 5280, 4.2.1.2 describes SHA-1 and allows others).
 *
 * @param spki  DER SubjectPublicKeyInfo
 */
export async function keyIdentifier(spki: Uint8Array, platform: Digest): Promise<Uint8Array> {
  return (await platform.digest('sha256', subjectPublicKeyBits(spki))).subarray(0, 20)
}

/** GeneralName: uniformResourceIdentifier [6] IA5String. */
function uri(url: string): Der {
  return retag(contextPrimitive(6), ia5String(url))
}
