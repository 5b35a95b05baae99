/** Every ds:Reference of a signature against its digest: XMLDSig 1.1, 3.2.1; EN 319 132-1 V1.3.1, 4.4.2 and 5.2.7. */
import { digestByUri } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { ByteSource } from '../../pdf/byte-source.ts'
import { attributeOf, type XmlElement } from '../../xml/node.ts'
import { ValidationEnded } from '../verdict.ts'
import { feed } from './octets.ts'
import {
  algorithmOf,
  bytesIn,
  childOf,
  childrenOf,
  DS,
  malformed,
  type SignatureParts,
} from './signature-parts.ts'
import { contentOf, type SignedDocument } from './signed-content.ts'
import { mimeTypes } from './signed-properties.ts'

/** One of the things that a signature is over. */
export interface SignedContent {
  /** As the signature has it; empty for the document around the signature. */
  readonly uri: string
  readonly mimeType?: string
  /** Exactly what was verified, and all that may be relied on. */
  readonly octets: ByteSource
}

export interface CheckedReferences extends SignedDocument {
  /** The SignatureValue that a counter-signature is over; `undefined` for other signatures. */
  readonly counterSigned: XmlElement | undefined
}

/**
 * @returns what is signed, without the properties
 * @throws ValidationEnded HASH_FAILURE, FORMAT_FAILURE, SIGNED_DATA_NOT_FOUND, CRYPTO_CONSTRAINTS_FAILURE,
 *   SIG_CONSTRAINTS_FAILURE
 */
export async function checkReferences(
  parts: SignatureParts,
  signed: CheckedReferences,
  platform: Digest,
): Promise<readonly SignedContent[]> {
  const references = childrenOf(parts.signedInfo, [DS, 'Reference'])
  const about = references.filter(reference => !isToProperties(reference))
  checkProperties(references.filter(isToProperties), parts, signed)
  if (about.length === 0) throw malformed('a signature over nothing')
  checkDistinct(references, signed)
  for (const reference of about) checkType(reference, signed)
  checkObjects(about, parts, signed)
  const contents: SignedContent[] = []
  const types = mimeTypes(parts)
  for (const reference of references) {
    const octets = contentOf(reference, parts, signed)
    await checkDigest(reference, octets, platform)
    if (!isToProperties(reference)) contents.push(described(reference, octets, types))
  }
  return contents
}

function described(
  reference: XmlElement,
  octets: ByteSource,
  types: ReadonlyMap<string, string>,
): SignedContent {
  const mimeType = types.get(attributeOf(reference, 'Id') ?? '')
  const uri = attributeOf(reference, 'URI') ?? ''
  return { uri, octets, ...(mimeType === undefined ? {} : { mimeType }) }
}

function isToProperties(reference: XmlElement): boolean {
  return attributeOf(reference, 'Type') === 'http://uri.etsi.org/01903#SignedProperties'
}

/** Nothing twice: a thousand references to a document would have it canonicalised a thousand times (T-XML-11). */
function checkDistinct(references: readonly XmlElement[], { byId }: SignedDocument): void {
  const places = references.map(reference => {
    const uri = attributeOf(reference, 'URI') ?? ''
    return (uri.startsWith('#') ? byId.get(uri.slice(1)) : undefined) ?? uri
  })
  if (new Set(places).size < places.length) throw malformed('two references to the same')
}

/** Exactly one, and to those of this signature (T-XML-05). */
function checkProperties(
  [only, ...more]: readonly XmlElement[],
  { signedProperties }: SignatureParts,
  { byId }: SignedDocument,
): void {
  const uri = only === undefined ? undefined : attributeOf(only, 'URI')
  const isOwn = uri?.startsWith('#') && byId.get(uri.slice(1)) === signedProperties
  if (!isOwn || more.length > 0) throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'signed properties')
}

const COUNTERSIGNED = 'http://uri.etsi.org/01903#CountersignedSignature'

/** A counter-signature is over its parent's value and nothing else (T-XML-13); of manifests we know nothing (T-XML-12). */
function checkType(reference: XmlElement, { counterSigned, byId }: CheckedReferences): void {
  const type = attributeOf(reference, 'Type')
  if (type === `${DS}Manifest`) throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'manifest')
  const uri = attributeOf(reference, 'URI') ?? ''
  const isCounter = counterSigned !== undefined && byId.get(uri.slice(1)) === counterSigned
  if ((counterSigned !== undefined) !== isCounter || (type === COUNTERSIGNED) !== isCounter)
    throw malformed('type of a reference')
}

/** An object in the signature that it is not over would be taken for signed by whoever looks for it there (T-XML-03). */
function checkObjects(
  about: readonly XmlElement[],
  { objects }: SignatureParts,
  { byId }: SignedDocument,
): void {
  const signed = about.map(reference => byId.get(attributeOf(reference, 'URI')?.slice(1) ?? ''))
  const isSigned = (object: XmlElement) => signed.some(one => one === object || one?.parent === object)
  if (!objects.every(isSigned)) throw malformed('an object that is not signed')
}

async function checkDigest(reference: XmlElement, source: ByteSource, platform: Digest): Promise<void> {
  const method = childOf(reference, [DS, 'DigestMethod'])
  const algorithm = digestByUri(algorithmOf(method))
  if (algorithm === undefined) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', algorithmOf(method))
  const digest = platform.stream(algorithm)
  await feed(source, digest)
  if (!equal(digest.finish(), bytesIn(childOf(reference, [DS, 'DigestValue']))))
    throw new ValidationEnded('HASH_FAILURE', `reference to ${attributeOf(reference, 'URI')}`)
}
