/**
 * The countersignature attribute: RFC 5652, 11.4; EN 319 122-1 V1.3.1, 5.2.7. Somebody signs the value of another
 * signature, and what he signs with stands in that one's unsigned attributes.
 */
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import type { Der } from '../asn1/write.ts'
import { attribute, valuesOf } from './attributes.ts'
import { readSignerInfo, type SignerInfo } from './signed-data.ts'

/**
 * DER Attribute for the signature that is counter-signed.
 *
 * @param signedData  DER ContentInfo with SignedData that holds the one SignerInfo of the counter-signature
 */
export function counterSignature(signedData: Uint8Array): Der {
  const signerInfos = parseDer(signedData).children[1]?.children[0]?.children.at(-1)?.children ?? []
  return attribute(OID.counterSignature, ...signerInfos.map(({ bytes }) => bytes))
}

/** The counter-signatures over this signature, DER SignerInfo each; none is read. */
export function counterSignatureValuesOf({ unsignedAttributes }: SignerInfo): readonly Uint8Array[] {
  return valuesOf(unsignedAttributes, OID.counterSignature).map(({ bytes }) => bytes)
}

/**
 * @param der  SignerInfo
 * @throws DerError
 */
export function parseCounterSignature(der: Uint8Array): SignerInfo {
  return readSignerInfo(parseDer(der), 'signature')
}
