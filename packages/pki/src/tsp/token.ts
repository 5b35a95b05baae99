/**
 * TimeStampToken (RFC 3161, 2.4.2; RFC 5816): TSTInfo signed by a time-stamping unit, made in two steps.
 *
 * `prepareTimeStampToken` gives the bytes for the unit's key, `assembleTimeStampToken` takes the signature value.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import type { Der } from '../asn1/write.ts'
import { buildSignedAttributes } from '../cms/attributes.ts'
import { assembleSignedData } from '../cms/signed-data.ts'
import { essCertIdOf } from '../cms/signing-certificate.ts'
import type { Digest } from '../platform/index.ts'
import type { Certificate } from '../x509/certificate.ts'

export interface PreparedTimeStampToken {
  readonly tstInfo: Uint8Array
  readonly unit: Certificate
  readonly signatureAlgorithm: SignatureAlgorithm
  /** What the unit's key signs: DER SET OF Attribute. */
  readonly signedAttributes: Der
}

/**
 * @param tstInfo             DER, from `buildTstInfo`
 * @param unit                certificate of the time-stamping unit
 * @param signatureAlgorithm  its digest is used for the content and for ESSCertIDv2 too
 */
export async function prepareTimeStampToken(
  tstInfo: Uint8Array,
  unit: Certificate,
  signatureAlgorithm: SignatureAlgorithm,
  platform: Digest,
): Promise<PreparedTimeStampToken> {
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const signedAttributes = buildSignedAttributes({
    contentType: OID.tstInfo,
    messageDigest: await platform.digest(digest, tstInfo),
    signingCertificate: await essCertIdOf(unit.bytes, digest, platform),
  })
  return { tstInfo, unit, signatureAlgorithm, signedAttributes }
}

/**
 * DER TimeStampToken.
 *
 * @param signature             over `prepared.signedAttributes`
 * @param options.certReq       whether the request asked for certificates; without it there are none (RFC 3161, 2.4.1)
 * @param options.certificates  the rest of the unit's chain, DER each
 */
export function assembleTimeStampToken(
  prepared: PreparedTimeStampToken,
  signature: Uint8Array,
  options: { readonly certReq: boolean; readonly certificates?: readonly Uint8Array[] },
): Der {
  const { tstInfo, unit, signatureAlgorithm, signedAttributes } = prepared
  return assembleSignedData({
    contentType: OID.tstInfo,
    content: tstInfo,
    digestAlgorithm: signatureAlgorithms[signatureAlgorithm].digest,
    signatureAlgorithm,
    signedAttributes,
    signature,
    signer: unit,
    certificates: options.certificates ?? [],
    withoutCertificates: !options.certReq,
  })
}
