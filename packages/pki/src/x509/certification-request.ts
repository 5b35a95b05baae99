/**
 * What a certification request says (PKCS #10; RFC 2986, 4.1): name, key, no attributes.
 *
 * `assembleSigned` makes the request of it, as it makes a certificate: the three fields are the same.
 */
import { contextConstructed } from '../asn1/tags.ts'
import { type Der, element, integer, sequence } from '../asn1/write.ts'

/** DER CertificationRequestInfo: what the key itself signs. @param subject DER Name @param spki DER SubjectPublicKeyInfo */
export function buildCertificationRequestInfo(subject: Uint8Array, spki: Uint8Array): Der {
  return sequence(integer(0), subject, spki, element(contextConstructed(0), new Uint8Array()))
}
