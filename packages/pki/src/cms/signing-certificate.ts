/**
 * The signing-certificate-v2 attribute (RFC 5035, 3 and 4): which certificate the signer meant, by digest.
 *
 * Without it an attacker could put another certificate for the same key beside the signature. The older attribute
 * with SHA-1 is not read.
 */
import { type DigestAlgorithm, digestAlgorithms } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { readIntegerBytes, readOctetString, readSequence } from '../asn1/read.ts'
import { contextConstructed, TAG } from '../asn1/tags.ts'
import { type Der, element, explicit, octetString, sequence } from '../asn1/write.ts'
import { equal } from '../encoding/bytes.ts'
import type { Digest } from '../platform/index.ts'
import { digestAlgorithmIdentifier, readDigestAlgorithm } from '../x509/algorithm-identifier.ts'
import type { Certificate } from '../x509/certificate.ts'

export interface EssCertId {
  readonly digestAlgorithm: DigestAlgorithm
  /** Digest of the whole certificate, DER. */
  readonly certificateHash: Uint8Array
  /** A hint for finding the certificate; the hash decides. */
  readonly issuerSerial?: IssuerSerial | undefined
}

export interface IssuerSerial {
  /** DER Name. */
  readonly issuer: Uint8Array
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array
}

/** The identifier of this certificate, by digest only. */
export async function essCertIdOf(
  certificate: Uint8Array,
  digestAlgorithm: DigestAlgorithm,
  platform: Digest,
): Promise<EssCertId> {
  return { digestAlgorithm, certificateHash: await platform.digest(digestAlgorithm, certificate) }
}

/** DER SigningCertificateV2 with one certificate; SHA-256 is the DEFAULT and left out (RFC 5035, 4). */
export function signingCertificateV2(id: EssCertId): Der {
  const { digestAlgorithm, certificateHash, issuerSerial } = id
  const essCertId = sequence(
    digestAlgorithm === 'sha256' ? undefined : digestAlgorithmIdentifier(digestAlgorithm),
    octetString(certificateHash),
    issuerSerial === undefined ? undefined : writeIssuerSerial(issuerSerial),
  )
  return sequence(sequence(essCertId))
}

/** GeneralNames with one directoryName, [4] EXPLICIT because Name is a CHOICE. */
function writeIssuerSerial({ issuer, serialNumber }: IssuerSerial): Der {
  return sequence(sequence(explicit(4, issuer)), element(TAG.integer, serialNumber))
}

/** The first certificate, which is the signer's (RFC 5035, 3). */
export function readSigningCertificateV2(node: DerNode): EssCertId {
  return readFields(node, 'SigningCertificateV2', fields => {
    const [first] = readSequence(fields.take('certs')).map(readEssCertId)
    fields.optional(TAG.sequence)
    if (first === undefined) throw new DerError('missing-field', 'SigningCertificateV2.certs')
    return first
  })
}

function readEssCertId(node: DerNode): EssCertId {
  return readFields(node, 'ESSCertIDv2', fields => {
    const digestAlgorithm = readHashAlgorithm(fields.optional(TAG.sequence))
    const certificateHash = readOctetString(fields.take('certHash'))
    if (certificateHash.length !== digestAlgorithms[digestAlgorithm].size) {
      throw new DerError('value-not-allowed', 'ESSCertIDv2.certHash')
    }
    const issuerSerial = fields.optional(TAG.sequence)
    return {
      digestAlgorithm,
      certificateHash,
      issuerSerial: issuerSerial === undefined ? undefined : readIssuerSerial(issuerSerial),
    }
  })
}

function readHashAlgorithm(node: DerNode | undefined): DigestAlgorithm {
  if (node === undefined) return 'sha256'
  if (equal(node.bytes, digestAlgorithmIdentifier('sha256')))
    throw new DerError('default-encoded', 'hashAlgorithm')
  const algorithm = readDigestAlgorithm(node)
  if (algorithm === undefined) throw new DerError('value-not-allowed', 'ESSCertIDv2.hashAlgorithm')
  return algorithm
}

/** `undefined` when the issuer is not one directory name. */
function readIssuerSerial(node: DerNode): IssuerSerial | undefined {
  return readFields(node, 'IssuerSerial', fields => {
    const [name, ...more] = readSequence(fields.take('issuer'))
    const serialNumber = readIntegerBytes(fields.take('serialNumber'))
    const [issuer] = name?.tag === contextConstructed(4) ? name.children : []
    return issuer === undefined || more.length > 0 ? undefined : { issuer: issuer.bytes, serialNumber }
  })
}

/** Whether the attribute means this certificate: by digest, and by issuer and serial number where it names them. */
export async function isSigningCertificate(
  id: EssCertId,
  certificate: Certificate,
  platform: Digest,
): Promise<boolean> {
  const hash = await platform.digest(id.digestAlgorithm, certificate.bytes)
  const { issuerSerial } = id
  const sameIssuer =
    issuerSerial === undefined ||
    (equal(issuerSerial.issuer, certificate.issuer.bytes) &&
      equal(issuerSerial.serialNumber, certificate.serialNumber))
  return sameIssuer && equal(hash, id.certificateHash)
}
