/**
 * The CertID of a certificate in the words of a response: with the hash algorithm that the response uses for it.
 *
 * Responders still hash with SHA-1 here (RFC 5019, 2.1.1 demands it of them), where no strength is needed: what is
 * compared was computed by us from the issuer we know. Our platform interface has no SHA-1, and WebCrypto has it, in
 * Node as in browsers.
 */
import { digestAlgorithms } from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import { equal } from '../encoding/bytes.ts'
import type { Digest } from '../platform/index.ts'
import type { Certificate } from '../x509/certificate.ts'
import { subjectPublicKeyBits } from '../x509/public-key.ts'
import { buildCertId, type CertId, type IssuerHashes, isSameCertId, issuerHashesOf } from './cert-id.ts'
import type { OcspResponse } from './response.ts'

export interface Asked {
  readonly certificate: Certificate
  readonly issuer: Certificate
}

/** `undefined` when the response does not answer about this certificate. */
export async function certIdAsIn(
  response: OcspResponse,
  { certificate, issuer }: Asked,
  platform: Digest,
): Promise<CertId | undefined> {
  const answers = response.successful ? response.basic.responses : []
  for (const { certId } of answers) {
    if (!equal(certId.serialNumber, certificate.serialNumber)) continue
    const hashes = await hashesLike(certId, issuer, platform)
    const ours = hashes && buildCertId(hashes, certificate.serialNumber)
    if (ours !== undefined && isSameCertId(ours, certId)) return ours
  }
  return undefined
}

/** A CertID that every responder understands: hashed with SHA-1. */
export async function commonCertId({ certificate, issuer }: Asked): Promise<CertId> {
  return buildCertId(await sha1Hashes(issuer), certificate.serialNumber)
}

async function hashesLike({ hashOid }: CertId, issuer: Certificate, platform: Digest) {
  if (hashOid === OID.sha1) return sha1Hashes(issuer)
  const algorithm = DIGESTS.find(name => digestAlgorithms[name].oid === hashOid)
  return algorithm === undefined ? undefined : issuerHashesOf(issuer, algorithm, platform)
}

// Object.keys loses the key type of a constant object.
const DIGESTS = Object.keys(digestAlgorithms) as readonly (keyof typeof digestAlgorithms)[]

async function sha1Hashes({ subject, spki }: Certificate): Promise<IssuerHashes> {
  const sha1 = async (bytes: Uint8Array) => new Uint8Array(await crypto.subtle.digest('SHA-1', bytes.slice()))
  return {
    hashOid: OID.sha1,
    nameHash: await sha1(subject.bytes),
    keyHash: await sha1(subjectPublicKeyBits(spki)),
  }
}
