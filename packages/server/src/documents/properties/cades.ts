/**
 * signed_props of CAdES: values are DER of the attribute's one value, by the clauses of EN 319 122-1 V1.3.1 that CSC API
 * v2.0.0.2, 11.11 names.
 *
 * What was given has to come out again as it was: an attribute of which we would leave something away is refused.
 */
import { OID, parseDer } from '@natsuin/pki/asn1'
import { attribute, readSignerClaims, type SignerClaims, signerClaims } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { DocumentRefused, readingProperty } from '../refusal.ts'
import type { SignedProperty } from '../task.ts'

/** A content time-stamp is not among them: `ades` makes none. */
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['commitment-type-indication', OID.commitmentTypeIndication],
  ['content-hints', OID.contentHints],
  ['mime-type', OID.mimeType],
  ['signer-location', OID.signerLocation],
  ['signer-attributes-v2', OID.signerAttributesV2],
  ['signature-policy-identifier', OID.signaturePolicyIdentifier],
  ['content-reference', OID.contentReference],
  ['content-identifier', OID.contentIdentifier],
])

/** @throws DocumentRefused `signed-props-invalid` */
export function cadesClaims(properties: readonly SignedProperty[]): SignerClaims {
  const attributes = properties.map(property => ({ property, ...attributeOf(property) }))
  const all = attributes.map(({ oid, bytes, value }) => ({ oid, bytes, values: [parseDer(value)] }))
  const names = properties.map(({ name }) => name).join(', ')
  return readingProperty(names, () => {
    const claims = readSignerClaims({ bytes: new Uint8Array(), all })
    const written = signerClaims(claims)
    for (const { bytes, property } of attributes) {
      if (!written.some(one => equal(one, bytes)))
        throw new DocumentRefused('signed-props-invalid', property.name)
    }
    return claims
  })
}

function attributeOf({ name, value }: SignedProperty) {
  const oid = ATTRIBUTES.get(name) ?? [...ATTRIBUTES.values()].find(one => one === name)
  if (oid === undefined || value === undefined) throw new DocumentRefused('signed-props-invalid', name)
  readingProperty(name, () => parseDer(value))
  return { oid, value, bytes: attribute(oid, value) }
}
