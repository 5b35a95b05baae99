/**
 * The signed qualifying properties of a baseline signature: EN 319 132-1 V1.3.1, 4.3.2, 4.3.4, 4.3.5 and 5.2.
 */
import { type DigestAlgorithm, uriOfDigest } from '@natsuin/pki/algorithms'
import type { Digest } from '@natsuin/pki/platform'
import { base64, element, joined, type Markup, text } from './markup.ts'
import type { ProductionPlace, SignaturePolicy, XadesSignerClaims } from './signer-claims.ts'

export interface SignedObject {
  /** Id of its ds:Reference. */
  readonly referenceId: string
  readonly mimeType: string
}

export interface SignedPropertiesParts {
  readonly id: string
  /** DER. */
  readonly signingCertificate: Uint8Array
  readonly digestAlgorithm: DigestAlgorithm
  readonly claims: XadesSignerClaims
  readonly objects: readonly SignedObject[]
}

export async function signedProperties(parts: SignedPropertiesParts, platform: Digest): Promise<Markup> {
  const { claims, objects } = parts
  const aboutSignature = element(
    'xades:SignedSignatureProperties',
    {},
    element('xades:SigningTime', {}, text(inSeconds(claims.signingTime))),
    await signingCertificate(parts, platform),
    claims.signaturePolicy && policyIdentifier(claims.signaturePolicy),
    claims.productionPlace && productionPlace(claims.productionPlace),
    claims.claimedRoles && signerRole(claims.claimedRoles),
  )
  const aboutObjects = [...objects.map(dataObjectFormat), ...(claims.commitmentTypes ?? []).map(commitment)]
  return element(
    'xades:SignedProperties',
    { Id: parts.id },
    aboutSignature,
    aboutObjects.length === 0
      ? undefined
      : element('xades:SignedDataObjectProperties', {}, joined(...aboutObjects)),
  )
}

/** xsd:dateTime; fractions of seconds are nobody's claim. */
function inSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** 5.2.2, by digest only. */
async function signingCertificate(
  { signingCertificate: der, digestAlgorithm }: SignedPropertiesParts,
  platform: Digest,
): Promise<Markup> {
  const digest = await platform.digest(digestAlgorithm, der)
  const certDigest = element('xades:CertDigest', {}, digestOf(digestAlgorithm, digest))
  return element('xades:SigningCertificateV2', {}, element('xades:Cert', {}, certDigest))
}

/** ds:DigestMethod and ds:DigestValue (XMLDSig 1.1, 4.4.3.5 and 4.4.3.6). */
export function digestOf(algorithm: DigestAlgorithm, digest: Uint8Array): Markup {
  return joined(
    element('ds:DigestMethod', { Algorithm: uriOfDigest(algorithm) }),
    element('ds:DigestValue', {}, base64(digest)),
  )
}

function policyIdentifier({ identifier, digestAlgorithm, digest, uri }: SignaturePolicy): Markup {
  const qualifier = uri && element('xades:SigPolicyQualifier', {}, element('xades:SPURI', {}, text(uri)))
  const policy = element(
    'xades:SignaturePolicyId',
    {},
    element('xades:SigPolicyId', {}, objectIdentifier(identifier)),
    element('xades:SigPolicyHash', {}, digestOf(digestAlgorithm, digest)),
    qualifier ? element('xades:SigPolicyQualifiers', {}, qualifier) : undefined,
  )
  return element('xades:SignaturePolicyIdentifier', {}, policy)
}

/** ObjectIdentifierType (5.1.2): an OID is written as a URN. */
function objectIdentifier(identifier: string): Markup {
  const isOid = /^\d+(?:\.\d+)+$/.test(identifier)
  const qualifier = isOid ? 'OIDAsURN' : undefined
  const uri = isOid ? `urn:oid:${identifier}` : identifier
  return element('xades:Identifier', { Qualifier: qualifier }, text(uri))
}

/** 5.2.5, in the order of its schema. */
function productionPlace(place: ProductionPlace): Markup {
  const part = (name: string, value: string | undefined) =>
    value === undefined ? undefined : element(`xades:${name}`, {}, text(value))
  return element(
    'xades:SignatureProductionPlaceV2',
    {},
    part('City', place.city),
    part('StreetAddress', place.streetAddress),
    part('StateOrProvince', place.stateOrProvince),
    part('PostalCode', place.postalCode),
    part('CountryName', place.countryName),
  )
}

function signerRole(roles: readonly string[]): Markup {
  const claimed = roles.map(role => element('xades:ClaimedRole', {}, text(role)))
  return element('xades:SignerRoleV2', {}, element('xades:ClaimedRoles', {}, joined(...claimed)))
}

/** 5.2.4. */
function dataObjectFormat({ referenceId, mimeType }: SignedObject): Markup {
  const type = element('xades:MimeType', {}, text(mimeType))
  return element('xades:DataObjectFormat', { ObjectReference: `#${referenceId}` }, type)
}

/** 5.2.3. */
function commitment(identifier: string): Markup {
  return element(
    'xades:CommitmentTypeIndication',
    {},
    element('xades:CommitmentTypeId', {}, objectIdentifier(identifier)),
    element('xades:AllSignedDataObjects', {}),
  )
}
