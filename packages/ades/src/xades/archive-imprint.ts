/** What an archive time-stamp is over: EN 319 132-1 V1.3.1, 5.5.2.3. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import type { Digest } from '@natsuin/pki/platform'
import { digestRange } from '../pdf/byte-source.ts'
import { canonicalise } from '../xml/canonicalise.ts'
import type { XmlDocument } from '../xml/node.ts'
import { EXCLUSIVE } from './markup.ts'
import { type DetachedObjects, octetsOf, referencesIn } from './reference-octets.ts'
import type { SignatureStructure } from './signature-structure.ts'

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
  const context = { document, signature, detached, canonicalisation: EXCLUSIVE }
  for (const reference of referencesIn(signedInfo)) {
    const source = octetsOf(reference, context)
    await digestRange(source, { offset: 0, length: source.size }, digest)
  }
  const others = objects.filter(object => object !== structure.qualifyingProperties.parent)
  const parts = [signedInfo, signatureValue, keyInfo, ...unsigned, ...others].filter(
    part => part !== undefined,
  )
  for (const part of parts) digest.update(canonicalise(part, EXCLUSIVE))
  return digest.finish()
}
