/** What a signature in a PDF covers, and what it is: ISO 32000-2, 12.8.1. */
import { leadingElement } from '@natsuin/pki/asn1'
import type { StreamingDigest } from '@natsuin/pki/platform'
import type { ByteSource } from '../pdf/byte-source.ts'
import type { FoundSignature } from './find-signature.ts'
import { ValidationEnded } from './verdict.ts'

/** The CMS is followed by the zeros that were left of its space, and by nothing else. */
export function cmsOf({ contents }: FoundSignature): Uint8Array {
  const der = leadingElement(contents)
  if (contents.subarray(der.length).some(byte => byte !== 0)) {
    throw new ValidationEnded('FORMAT_FAILURE', 'something other than zeros follows the CMS')
  }
  return der
}

const PIECE = 256 * 1024

/** The digest over the revision without the gap. */
export async function digestAround(
  source: ByteSource,
  { gapStart, gapEnd, end }: FoundSignature,
  digest: StreamingDigest,
): Promise<Uint8Array> {
  for (const [from, to] of [[0, gapStart] as const, [gapEnd, end] as const]) {
    for (let at = from; at < to; at += PIECE) digest.update(await source.read(at, Math.min(PIECE, to - at)))
  }
  return digest.finish()
}
