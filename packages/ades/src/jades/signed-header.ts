/**
 * The JWS Protected Header of a baseline signature: TS 119 182-1 V1.2.1, 5.1, 5.2 and 6.3.
 *
 * The claimed time is `iat`: sigT, which older signatures have, may not be in new ones any more (6.3, requirement a).
 */
import {
  type DigestAlgorithm,
  joseDigestName,
  joseNameOf,
  type SignatureAlgorithm,
} from '@natsuin/pki/algorithms'
import { toBase64, toBase64url } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import type { SigningMaterial } from '../signing/signing-material.ts'
import type { JsonObject } from './json-values.ts'
import { shortMediaType } from './media-type.ts'

/** 5.4.1: an identifier is a URI, and an OID is one as `urn:oid:…` (RFC 3061). */
export interface Identifier {
  readonly id: string
  readonly description?: string
  /** URIs. */
  readonly documentation?: readonly string[]
}

/** 5.2.4, named as in schema.org's PostalAddress; at least one of them. */
export interface ProductionPlace {
  readonly addressCountry?: string
  readonly addressLocality?: string
  readonly addressRegion?: string
  readonly postOfficeBoxNumber?: string
  readonly postalCode?: string
  readonly streetAddress?: string
}

/** 5.2.7. */
export interface SignaturePolicy extends Identifier {
  readonly digest?: { readonly algorithm: DigestAlgorithm; readonly value: Uint8Array }
  /** Where the policy can be read. */
  readonly uri?: string
}

/** What the signer says beside the content. */
export interface SignedWishes {
  readonly signingTime: Date
  /** Media type of an attached or detached payload; not for objects, which say it themselves (5.1.3). */
  readonly contentType?: string
  /** What the signer's certificate is named by: `x5t#S256`, or `x5t#o` with another digest. SHA-256 unless said. */
  readonly certificateDigest?: DigestAlgorithm
  /** For instance `http://uri.etsi.org/01903/v1.2.2#ProofOfApproval`. */
  readonly commitments?: readonly Identifier[]
  readonly place?: ProductionPlace
  /** Claimed by the signer, certified by nobody. */
  readonly roles?: readonly string[]
  readonly policy?: SignaturePolicy
}

export interface HeaderParts extends SignedWishes {
  readonly material: SigningMaterial
  readonly sigD: JsonObject | undefined
  readonly unencoded: boolean
}

/** @throws RangeError when JOSE has no name for the algorithm with this key */
export async function signedHeader(parts: HeaderParts, platform: Digest): Promise<JsonObject> {
  const { material, contentType, sigD, unencoded } = parts
  const { certificate, chain, signatureAlgorithm } = material
  return {
    alg: algOf(signatureAlgorithm, certificate),
    ...(contentType === undefined ? {} : { cty: shortMediaType(contentType) }),
    ...(await certificateReference(certificate, parts.certificateDigest ?? 'sha256', platform)),
    x5c: [certificate.bytes, ...chain].map(toBase64),
    iat: Math.floor(parts.signingTime.getTime() / 1000),
    ...claimsOf(parts),
    ...(sigD === undefined ? {} : { sigD }),
    ...(unencoded ? { b64: false } : {}),
    ...criticalOf(sigD, unencoded),
  }
}

function algOf(algorithm: SignatureAlgorithm, { publicKey }: Certificate): string {
  const alg = joseNameOf(algorithm, publicKey.kind === 'ec' ? publicKey.curve : undefined)
  if (alg === undefined) throw new RangeError(`JSON signatures have no name for ${algorithm} with this key`)
  return alg
}

/** 5.1.7 and 5.2.2.2: `x5t#o` is for any digest but SHA-256. */
async function certificateReference(
  { bytes }: Certificate,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<JsonObject> {
  const digVal = toBase64url(await platform.digest(algorithm, bytes))
  if (algorithm === 'sha256') return { 'x5t#S256': digVal }
  return { 'x5t#o': { digAlg: joseDigestName(algorithm), digVal } }
}

function claimsOf({ commitments = [], place, roles = [], policy }: SignedWishes): JsonObject {
  return {
    ...(commitments.length === 0 ? {} : { srCms: commitments.map(one => ({ commId: identifier(one) })) }),
    ...(place === undefined ? {} : { sigPl: place }),
    ...(roles.length === 0 ? {} : { srAts: { claimed: [{ ...PLAIN_TEXT, qVals: roles }] } }),
    ...(policy === undefined ? {} : { sigPId: policyIdentifier(policy) }),
  }
}

/** 5.2.5: what the values are, and that they stand there as they are. */
const PLAIN_TEXT = { mediaType: 'text/plain', encoding: 'binary' }

function identifier({ id, description, documentation }: Identifier): JsonObject {
  return {
    id,
    ...(description === undefined ? {} : { desc: description }),
    ...(documentation === undefined ? {} : { docRefs: documentation }),
  }
}

function policyIdentifier({ digest, uri, ...policy }: SignaturePolicy): JsonObject {
  return {
    id: identifier(policy),
    ...(digest && { digAlg: joseDigestName(digest.algorithm), digVal: toBase64url(digest.value) }),
    ...(uri === undefined ? {} : { sigPQuals: [{ spURI: uri }] }),
  }
}

/** 5.1.9 and RFC 7797, 6: whoever does not know these two would take something else for signed. */
function criticalOf(sigD: JsonObject | undefined, unencoded: boolean): JsonObject {
  const crit = [...(sigD === undefined ? [] : ['sigD']), ...(unencoded ? ['b64'] : [])]
  return crit.length === 0 ? {} : { crit }
}
