/**
 * All that a signer may say about a signature in signed attributes, in one table: EN 319 122-1 V1.3.1, 6.3, table 1.
 *
 * Nobody proves any of it but the signer, which is why it is called claims.
 */
import type { Der } from '../../asn1/write.ts'
import { type Attributes, attribute, singleValue } from '../attributes.ts'
import type { Claim } from './claim.ts'
import { claimedRoles } from './claimed-roles.ts'
import { commitmentType } from './commitment-type.ts'
import {
  type ContentHints,
  type ContentReference,
  contentHints,
  contentIdentifier,
  contentReference,
  mimeType,
} from './content-type-claims.ts'
import { type SignaturePolicy, signaturePolicy } from './signature-policy.ts'
import { type SignerLocation, signerLocation } from './signer-location.ts'

interface ClaimTypes {
  readonly claimedRoles: readonly string[]
  readonly signerLocation: SignerLocation
  /** Dotted OID, see `COMMITMENT_TYPES`. */
  readonly commitmentType: string
  readonly signaturePolicy: SignaturePolicy
  /** By RFC 2045: `application/pdf`. */
  readonly mimeType: string
  readonly contentHints: ContentHints
  readonly contentIdentifier: Uint8Array
  readonly contentReference: ContentReference
}

export type SignerClaims = Partial<ClaimTypes>

const CLAIMS: { readonly [Name in keyof ClaimTypes]: Claim<ClaimTypes[Name]> } = {
  claimedRoles,
  signerLocation,
  commitmentType,
  signaturePolicy,
  mimeType,
  contentHints,
  contentIdentifier,
  contentReference,
}

// Object.keys loses the key type of a table that is exhaustive by construction.
const NAMES = Object.keys(CLAIMS) as readonly (keyof ClaimTypes)[]

/**
 * DER Attributes, for `further` of the signed attributes.
 *
 * @throws RangeError for what cannot be said: an empty location, a digest of another length
 */
export function signerClaims(claims: SignerClaims): readonly Der[] {
  return NAMES.flatMap(name => written(name, claims[name]))
}

function written<Name extends keyof ClaimTypes>(
  name: Name,
  value: ClaimTypes[Name] | undefined,
): readonly Der[] {
  return value === undefined ? [] : [attribute(CLAIMS[name].oid, CLAIMS[name].write(value))]
}

/** @throws DerError for an attribute that is there twice, or is not written as it should be */
export function readSignerClaims(attributes: Attributes): SignerClaims {
  const found = NAMES.flatMap(name => {
    const value = singleValue(attributes, CLAIMS[name].oid)
    return value === undefined ? [] : [[name, CLAIMS[name].read(value)] as const]
  })
  return Object.fromEntries(found)
}
