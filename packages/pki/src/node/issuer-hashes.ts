/** SHA-1 issuer hashes for OCSP (RFC 6960, 4.1.1): most clients ask with them, and no strength is needed there. */
import { hash } from 'node:crypto'
import { OID } from '../asn1/oid.ts'
import type { IssuerHashes } from '../ocsp/cert-id.ts'
import type { Certificate } from '../x509/certificate.ts'
import { subjectPublicKeyBits } from '../x509/public-key.ts'

/** `issuerHashesOf` with SHA-1, to recognise the CertIDs of clients and to ask responders that know nothing else. */
export function sha1IssuerHashes(issuer: Certificate): IssuerHashes {
  const sha1 = (bytes: Uint8Array) => new Uint8Array(hash('sha1', bytes, 'buffer'))
  return {
    hashOid: OID.sha1,
    nameHash: sha1(issuer.subject.bytes),
    keyHash: sha1(subjectPublicKeyBits(issuer.spki)),
  }
}
