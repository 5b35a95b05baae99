/**
 * The document as its validation sees it: the last signature, the document time-stamps laid over it one after the
 * other, and what was appended between and behind them.
 *
 * Each layer covers all below it byte for byte, so only what lies outside the signature's own revision is a question
 * of structure, and `later-changes.ts` answers it.
 */
import type { ByteSource } from '../pdf/byte-source.ts'
import { byteRangesIn, type FoundSignature, findSignature } from './find-signature.ts'
import { checkLaterChanges } from './later-changes.ts'
import type { OpenRevision } from './structure/revision.ts'
import { ValidationEnded } from './verdict.ts'

export interface Layers {
  readonly signature: FoundSignature
  /** The oldest first. */
  readonly timeStamps: readonly FoundSignature[]
}

/** @throws ValidationEnded FORMAT_FAILURE for a layer that is not one, and for changes that are not allowed */
export async function findLayers(source: ByteSource, open: OpenRevision): Promise<Layers> {
  const candidates = await byteRangesIn(source)
  const ends = [...new Set(candidates.map(({ end }) => end))].sort((a, b) => b - a)
  if (ends[0] === undefined) throw new ValidationEnded('FORMAT_FAILURE', 'no ByteRange covers the file')
  const timeStamps: FoundSignature[] = []
  for (const end of ends) {
    const found = await findSignature(source, candidates, end)
    if (found.kind === 'signature') return withinChanges(source.size, open, { signature: found, timeStamps })
    timeStamps.unshift(found)
  }
  throw new ValidationEnded('FORMAT_FAILURE', 'there is no signature')
}

async function withinChanges(size: number, open: OpenRevision, layers: Layers): Promise<Layers> {
  const { signature, timeStamps } = layers
  const ends = [signature.end, ...timeStamps.map(({ end }) => end), size]
  for (const [i, end] of ends.slice(1).entries()) {
    const before = ends[i] ?? end
    if (before < end) await checkLaterChanges(open, before, end)
  }
  return layers
}
