/** What an archive time-stamp is over: EN 319 132-1 V1.3.1, 5.5.2.3. */
import { type DigestAlgorithm, digestByUri } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Digest, StreamingDigest } from '@natsuin/pki/platform'
import { AdesRefusal } from '../refusal.ts'
import { piecesOf } from '../signing/content.ts'
import { type Canonicalisation, canonicalise } from '../xml/canonicalise.ts'
import { attributeOf, type XmlDocument, type XmlElement } from '../xml/node.ts'
import { EXCLUSIVE } from './markup.ts'
import {
  type DetachedObjects,
  endsInNodes,
  octetsOf,
  type ReferenceContext,
  referencesIn,
} from './reference-octets.ts'
import { bytesIn, onlyChild, type SignatureStructure } from './signature-structure.ts'
import { DS } from './vocabulary.ts'

export interface Archived {
  readonly document: XmlDocument
  readonly structure: SignatureStructure
  readonly detached: DetachedObjects | undefined
}

export async function archiveImprint(
  { document, structure, detached }: Archived,
  algorithm: DigestAlgorithm,
  platform: Digest,
): Promise<Uint8Array> {
  const digest = platform.stream(algorithm)
  const { element: signature, signedInfo, signatureValue, keyInfo, objects, unsigned } = structure
  const context = { document, signature, detached }
  for (const reference of referencesIn(signedInfo)) await addReferred(reference, context, digest, platform)
  const others = objects.filter(object => object !== structure.qualifyingProperties.parent)
  const parts = [signedInfo, signatureValue, keyInfo, ...unsigned, ...others].filter(
    part => part !== undefined,
  )
  for (const part of parts) digest.update(canonicalise(part, EXCLUSIVE))
  return digest.finish()
}

/**
 * What a reference is over; it has to be what was signed, or the time-stamp would prove something else for good.
 *
 * @throws AdesRefusal `content-altered`
 */
async function addReferred(
  reference: XmlElement,
  context: Omit<ReferenceContext, 'canonicalisation'>,
  digest: StreamingDigest,
  platform: Digest,
): Promise<void> {
  const signed = octetsOf(reference, { ...context, canonicalisation: DEFAULT })
  const stamped = endsInNodes(reference)
    ? octetsOf(reference, { ...context, canonicalisation: EXCLUSIVE })
    : signed
  const own = platform.stream(digestAlgorithmOf(reference))
  // Mostly the same octets, which are read once for both.
  for await (const piece of piecesOf(signed)) {
    own.update(piece)
    if (signed === stamped) digest.update(piece)
  }
  if (signed !== stamped) for await (const piece of piecesOf(stamped)) digest.update(piece)
  if (!equal(own.finish(), bytesIn(onlyChild(reference, [DS, 'DigestValue']))))
    throw new AdesRefusal('content-altered', attributeOf(reference, 'URI'))
}

/** For nodes that no transform makes octets of (XMLDSig 1.1, 4.4.3.2). */
const DEFAULT: Canonicalisation = { form: 'c14n', withComments: false }

function digestAlgorithmOf(reference: XmlElement): DigestAlgorithm {
  const uri = attributeOf(onlyChild(reference, [DS, 'DigestMethod']), 'Algorithm') ?? ''
  const algorithm = digestByUri(uri)
  if (algorithm === undefined) throw new AdesRefusal('signature-unreadable', `digest ${uri}`)
  return algorithm
}
