/**
 * CertID (RFC 6960, 4.1.1): which certificate is asked about, by hashes of its issuer and its serial number.
 *
 * Most clients hash with SHA-1 here, where no strength is needed: the hashes only select an issuer. Our platform
 * interface has no SHA-1, so hashes are values: `issuerHashesOf` for SHA-2, `sha1IssuerHashes` of `@natsuin/pki/node`.
 */
import { type DigestAlgorithm, digestAlgorithms } from '../algorithms/algorithms.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readIntegerBytes, readOctetString } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { type Der, element, null_, octetString, oid, sequence } from '../asn1/write.ts'
import { equal } from '../encoding/bytes.ts'
import type { Digest } from '../platform/index.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import type { Certificate } from '../x509/certificate.ts'
import { subjectPublicKeyBits } from '../x509/public-key.ts'

/** How an issuer is named with one hash algorithm. */
export interface IssuerHashes {
  /** Dotted OID of the hash algorithm. */
  readonly hashOid: string
  /** Hash of the DER of the issuer's subject name. */
  readonly nameHash: Uint8Array
  /** Hash of the issuer's public key bits. */
  readonly keyHash: Uint8Array
}

export interface CertId extends IssuerHashes {
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array
  /** DER, as it was read or built; responses repeat it. */
  readonly bytes: Uint8Array
}

export async function issuerHashesOf(
  issuer: Certificate,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<IssuerHashes> {
  return {
    hashOid: digestAlgorithms[algorithm].oid,
    nameHash: await platform.digest(algorithm, issuer.subject.bytes),
    keyHash: await platform.digest(algorithm, subjectPublicKeyBits(issuer.spki)),
  }
}

/** @param serialNumber  content octets of the INTEGER, as `Certificate.serialNumber` has them */
export function buildCertId(hashes: IssuerHashes, serialNumber: Uint8Array): CertId {
  return { ...hashes, serialNumber, bytes: writeCertId(hashes, serialNumber) }
}

function writeCertId({ hashOid, nameHash, keyHash }: IssuerHashes, serialNumber: Uint8Array): Der {
  // NULL beside SHA-1, as openssl and the clients before it write: a responder may compare octets.
  const algorithm = sequence(oid(hashOid), hashOid === OID.sha1 ? null_() : undefined)
  return sequence(algorithm, octetString(nameHash), octetString(keyHash), element(TAG.integer, serialNumber))
}

export function readCertId(node: DerNode): CertId {
  return readFields(node, 'CertID', fields => ({
    hashOid: readAlgorithmIdentifier(fields.take('hashAlgorithm')).oid,
    nameHash: readOctetString(fields.take('issuerNameHash')),
    keyHash: readOctetString(fields.take('issuerKeyHash')),
    serialNumber: readIntegerBytes(fields.take('serialNumber')),
    bytes: node.bytes,
  }))
}

/** Whether these hashes name the issuer that the CertID means. */
export function isIssuer(certId: CertId, hashes: IssuerHashes): boolean {
  return (
    certId.hashOid === hashes.hashOid &&
    equal(certId.nameHash, hashes.nameHash) &&
    equal(certId.keyHash, hashes.keyHash)
  )
}

/** Whether two CertIDs ask about the same certificate in the same words. */
export function isSameCertId(a: CertId, b: CertId): boolean {
  return isIssuer(a, b) && equal(a.serialNumber, b.serialNumber)
}
