/**
 * The signed attributes that follow from an approved digest and the signer's certificate: those of a CAdES or PAdES baseline
 * signature, and nothing of anybody's choosing among them (EN 319 122-1 V1.3.1, 6.3; EN 319 142-1 V1.2.1, 6.3).
 *
 * Written here and not shared: the SAM makes them of the same, and a verifier who used its code would repeat its mistakes.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { type Der, implicit, OID, octetString, oid, sequence, set, time } from '@natsuin/pki/asn1'
import type { Digest } from '@natsuin/pki/platform'
import { digestAlgorithmIdentifier, signatureAlgorithmIdentifier } from '@natsuin/pki/x509'

interface Origin {
  readonly documentDigest: Uint8Array
  /** DER. */
  readonly certificate: Uint8Array
  readonly algorithm: SignatureAlgorithm
  /** There in CAdES, absent in PAdES. */
  readonly signingTime: Date | undefined
}

/** @returns DER SET OF Attribute with tag 0x31 */
export async function derivedAttributes(
  { documentDigest, certificate, algorithm, signingTime }: Origin,
  platform: Digest,
): Promise<Uint8Array> {
  const { digest } = signatureAlgorithms[algorithm]
  const certHash = octetString(await platform.digest(digest, certificate))
  // SHA-256 is the DEFAULT, and left out (RFC 5035, 4).
  const hashAlgorithm = digest === 'sha256' ? undefined : digestAlgorithmIdentifier(digest)
  return set(
    attribute(OID.contentType, oid(OID.data)),
    attribute(OID.messageDigest, octetString(documentDigest)),
    attribute(OID.signingCertificateV2, sequence(sequence(sequence(hashAlgorithm, certHash)))),
    ...(signingTime === undefined ? [] : ofCades(algorithm, signingTime)),
  )
}

/** signing-time (RFC 5652, 11.3) and CMSAlgorithmProtection (RFC 6211, 2). */
function ofCades(algorithm: SignatureAlgorithm, signingTime: Date): readonly Der[] {
  const digestAlgorithm = digestAlgorithmIdentifier(signatureAlgorithms[algorithm].digest)
  const signatureAlgorithm = implicit(1, signatureAlgorithmIdentifier(algorithm))
  return [
    attribute(OID.signingTime, time(signingTime)),
    attribute(OID.cmsAlgorithmProtection, sequence(digestAlgorithm, signatureAlgorithm)),
  ]
}

const attribute = (type: string, value: Uint8Array): Der => sequence(oid(type), set(value))
