/**
 * What our certificates look like: one function for each kind, its extensions in one readable list.
 *
 * RFC 5280, 4.1 and 4.2; EN 319 412-2 V2.3.1 for signers; RFC 6960, 4.2.2.2 for the OCSP responder; RFC 3161,
 * 2.3 and EN 319 422 for the time-stamping unit. Nothing is copied from a request but the attested public key
 * and subject.
 */
import { OID } from '@natsuin/pki/asn1'
import { nodePlatform } from '@natsuin/pki/node'
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  buildName,
  type CertificateProfile,
  certificatePolicies,
  crlDistributionPoints,
  extKeyUsage,
  keyIdentifier,
  keyUsage,
  ocspNoCheck,
  privateKeyUsagePeriod,
  subjectKeyIdentifier,
} from '@natsuin/pki/x509'
import { type KeyAttestation, subjectName } from '@natsuin/protocol/issuance'
import type { PublicAddresses } from './addresses.ts'
import { type Issuer, issuerKeyIdentifier, type SigningKey } from './issuer.ts'
import { signerPolicy } from './policies.ts'
import type { Validity } from './validity.ts'

/** Who the authorities are, as configured. */
export interface AuthorityNames {
  readonly name: string
  readonly organization: string
  readonly country: string
}

interface CommonParts {
  /** Big-endian, positive. */
  readonly serialNumber: Uint8Array
  readonly validity: Validity
  readonly addresses: PublicAddresses
}

/** A signer's certificate: for content commitment and nothing else. @throws InvalidName */
export async function signerProfile(
  parts: CommonParts & { readonly attestation: KeyAttestation; readonly issuer: Issuer },
): Promise<CertificateProfile> {
  const { attestation, issuer, addresses } = parts
  return {
    ...issuedBy(issuer, parts),
    subject: subjectName(attestation.subject),
    spki: attestation.publicKey,
    extensions: [
      authorityKeyIdentifier(issuerKeyIdentifier(issuer)),
      subjectKeyIdentifier(await keyIdentifier(attestation.publicKey, nodePlatform)),
      keyUsage('nonRepudiation'),
      certificatePolicies([{ oid: signerPolicy(attestation) }]),
      crlDistributionPoints([addresses.issuingCrl]),
      authorityInfoAccess({ ocsp: [addresses.ocsp], caIssuers: [addresses.issuingCertificate] }),
    ],
  }
}

/** The root: it certifies the issuing CA and signs its own CRL. */
export async function rootProfile(
  parts: Omit<CommonParts, 'addresses'> & { readonly names: AuthorityNames; readonly key: SigningKey },
): Promise<CertificateProfile> {
  const { names, key, validity, serialNumber } = parts
  const subject = authorityName(names, 'Root CA')
  return {
    serialNumber,
    signatureAlgorithm: key.algorithm,
    issuer: subject,
    subject,
    ...validity,
    spki: key.spki,
    extensions: [
      subjectKeyIdentifier(await keyIdentifier(key.spki, nodePlatform)),
      keyUsage('keyCertSign', 'cRLSign'),
      basicConstraints({ ca: true }),
    ],
  }
}

/** The issuing CA: no authority below it. Its status is on the root's CRL only. */
export async function issuingProfile(
  parts: CommonParts & { readonly names: AuthorityNames; readonly spki: Uint8Array; readonly issuer: Issuer },
): Promise<CertificateProfile> {
  const { names, spki, issuer, addresses } = parts
  return {
    ...issuedBy(issuer, parts),
    subject: authorityName(names, 'Issuing CA'),
    spki,
    extensions: [
      authorityKeyIdentifier(issuerKeyIdentifier(issuer)),
      subjectKeyIdentifier(await keyIdentifier(spki, nodePlatform)),
      keyUsage('keyCertSign', 'cRLSign'),
      basicConstraints({ ca: true, pathLength: 0 }),
      certificatePolicies([{ oid: OID.anyPolicy }]),
      crlDistributionPoints([addresses.rootCrl]),
      authorityInfoAccess({ caIssuers: [addresses.rootCertificate] }),
    ],
  }
}

interface ServiceParts extends CommonParts {
  readonly names: AuthorityNames
  readonly spki: Uint8Array
  readonly issuer: Issuer
}

/**
 * The OCSP responder. With `ocspNoCheck` nobody asks for its own status (RFC 6960, 4.2.2.2.1), which is why it
 * is short-lived and renewed.
 */
export async function ocspProfile(parts: ServiceParts): Promise<CertificateProfile> {
  const { names, spki, issuer, addresses } = parts
  return {
    ...issuedBy(issuer, parts),
    subject: authorityName(names, 'OCSP'),
    spki,
    extensions: [
      authorityKeyIdentifier(issuerKeyIdentifier(issuer)),
      subjectKeyIdentifier(await keyIdentifier(spki, nodePlatform)),
      keyUsage('digitalSignature'),
      extKeyUsage([OID.ocspSigning], { critical: false }),
      ocspNoCheck(),
      authorityInfoAccess({ caIssuers: [addresses.issuingCertificate] }),
    ],
  }
}

/**
 * The time-stamping unit: that purpose alone, and critical (RFC 3161, 2.3). Its key stops signing long before the
 * certificate ends, so that a token outlives the key by years (EN 319 421 V1.3.1, TIS-7.6.7).
 */
export async function timeStampProfile(
  parts: ServiceParts & { readonly keyValidity: Validity; readonly policy: string },
): Promise<CertificateProfile> {
  const { names, spki, issuer, addresses, keyValidity, policy } = parts
  return {
    ...issuedBy(issuer, parts),
    subject: authorityName(names, 'TSA'),
    spki,
    extensions: [
      authorityKeyIdentifier(issuerKeyIdentifier(issuer)),
      subjectKeyIdentifier(await keyIdentifier(spki, nodePlatform)),
      keyUsage('digitalSignature'),
      extKeyUsage([OID.timeStamping], { critical: true }),
      privateKeyUsagePeriod(keyValidity),
      certificatePolicies([{ oid: policy }]),
      crlDistributionPoints([addresses.issuingCrl]),
      authorityInfoAccess({ ocsp: [addresses.ocsp], caIssuers: [addresses.issuingCertificate] }),
    ],
  }
}

function issuedBy({ certificate, key }: Issuer, { serialNumber, validity }: CommonParts) {
  return {
    serialNumber,
    signatureAlgorithm: key.algorithm,
    issuer: certificate.subject.bytes,
    ...validity,
  }
}

function authorityName({ country, organization, name }: AuthorityNames, role: string): Uint8Array {
  return buildName([
    { oid: OID.countryName, value: country },
    { oid: OID.organizationName, value: organization },
    { oid: OID.commonName, value: `${name} ${role}` },
  ])
}
