/**
 * First step of a XAdES baseline signature: EN 319 132-1 V1.3.1, 6.3. The key is not needed, and whoever has the
 * signature value calls `completeXades`.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { join, toHex, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { signingMaterial } from '../signing/signing-material.ts'
import { type Plan, planOf, type XadesContent } from './content.ts'
import { canonicalOctets } from './markup.ts'
import {
  exclusiveTransform,
  idsOf,
  type ReferenceParts,
  type SignatureIds,
  signatureMarkup,
  signatureValue,
  signedInfo,
} from './signature-markup.ts'
import { signedProperties } from './signed-properties.ts'
import type { XadesSignerClaims } from './signer-claims.ts'
import { SIGNED_PROPERTIES_TYPE } from './vocabulary.ts'

export interface PrepareXadesOptions extends XadesSignerClaims {
  readonly platform: Digest
  /** DER. */
  readonly signingCertificate: Uint8Array
  /** The other certificates to embed, DER each, in any order. */
  readonly chain?: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
}

/** Plain values only: can be stored, cloned or sent (`preparedXadesToJson`). */
export interface PreparedXades {
  /** The document up to the signature. */
  readonly before: Uint8Array
  /** The document behind it. */
  readonly after: Uint8Array
  /** The signature as XML, without its value. */
  readonly signature: string
  /** Its Id. */
  readonly signatureId: string
  /** The DTBS: ds:SignedInfo in canonical form. */
  readonly signedInfo: Uint8Array
  /** The DTBS/R: digest of `signedInfo`, the hash that the key signs. */
  readonly dtbsr: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signingCertificate: Uint8Array
  readonly chain: readonly Uint8Array[]
}

/**
 * Prepares a signature over the content by somebody else's key.
 *
 * @throws XmlRefusal for an enveloped document that is not read, and for claims with characters that XML cannot hold
 * @throws DerError, RangeError when certificate and algorithm do not belong together
 */
export async function prepareXades(
  content: XadesContent,
  options: PrepareXadesOptions,
): Promise<PreparedXades> {
  const digestAlgorithm = signatureAlgorithms[options.signatureAlgorithm].digest
  const ids = idsOf(await newId(content, options))
  const plan = await planOf(content, { digestAlgorithm, platform: options.platform, objectId: ids.object })
  return prepareSignature(plan, ids, options)
}

/** What is signed is known, in which document the signature goes as well. */
export async function prepareSignature(
  plan: Plan,
  ids: SignatureIds,
  options: PrepareXadesOptions,
): Promise<PreparedXades> {
  const { signingCertificate, chain = [], signatureAlgorithm, platform } = options
  signingMaterial({ signingCertificate, chain, signatureAlgorithm })
  const digestAlgorithm = signatureAlgorithms[signatureAlgorithm].digest
  const objects = plan.references.flatMap(({ mimeType }, i) =>
    mimeType === undefined ? [] : [{ referenceId: ids.reference(i), mimeType }],
  )
  const about = { id: ids.signedProperties, signingCertificate, digestAlgorithm, claims: options, objects }
  const properties = await signedProperties(about, platform)
  const propertiesDigest = await platform.digest(digestAlgorithm, canonicalOctets(properties))
  const references: readonly ReferenceParts[] = [
    ...plan.references.map((reference, i) => ({ ...reference, id: ids.reference(i) })),
    referenceToProperties(ids, propertiesDigest),
  ]
  const info = signedInfo(signatureAlgorithm, digestAlgorithm, references)
  const signature = signatureMarkup({
    ids,
    signedInfo: info,
    signatureValue: signatureValue(ids.signatureValue, new Uint8Array()),
    certificates: [signingCertificate, ...chain],
    signedProperties: properties,
    objects: plan.objects,
  })
  const dtbs = canonicalOctets(info)
  const dtbsr = await platform.digest(digestAlgorithm, dtbs)
  const handedOn = { signatureAlgorithm, signingCertificate, chain, signatureId: ids.signature }
  return { ...plan.frame, signature, signedInfo: dtbs, dtbsr, ...handedOn }
}

/** The same for the same content, signer and time, and no other's. */
async function newId(content: XadesContent, options: PrepareXadesOptions): Promise<string> {
  const { platform, signingCertificate, signingTime } = options
  const seed = join([utf8(signingTime.toISOString()), signingCertificate, ...seedsOf(content)])
  const digest = await platform.digest('sha256', seed)
  return `xades-${toHex(digest.subarray(0, 16))}`
}

function seedsOf(content: XadesContent): readonly Uint8Array[] {
  if (content.packaging === 'enveloped') return [content.document]
  if (content.packaging === 'enveloping') return content.objects.map(({ bytes }) => bytes)
  return content.objects.map(({ uri }) => utf8(uri))
}

/** EN 319 132-1 V1.3.1, 4.4.2. */
function referenceToProperties(ids: SignatureIds, digest: Uint8Array): ReferenceParts {
  const uri = `#${ids.signedProperties}`
  return { uri, type: SIGNED_PROPERTIES_TYPE, transforms: [exclusiveTransform()], digest }
}
