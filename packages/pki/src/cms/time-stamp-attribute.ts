/** The signature-time-stamp attribute (RFC 3161, appendix A; EN 319 122-1, 5.3): a signature value existed then. */
import { OID } from '../asn1/oid.ts'
import type { Der } from '../asn1/write.ts'
import { attribute, valuesOf } from './attributes.ts'
import type { SignerInfo } from './signed-data.ts'

/**
 * DER Attribute around a time-stamp token whose message imprint is over the octets of the signature value.
 *
 * @param token  DER TimeStampToken (ContentInfo)
 */
export function signatureTimeStamp(token: Uint8Array): Der {
  return attribute(OID.signatureTimeStampToken, token)
}

/** The tokens on this signature, DER each; none is verified. */
export function signatureTimeStampsOf(signerInfo: SignerInfo): readonly Uint8Array[] {
  return valuesOf(signerInfo.unsignedAttributes, OID.signatureTimeStampToken).map(value => value.bytes)
}
