/** Several time-stamping authorities as one: the first that answers gives the token. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { AdesRefusal } from '../refusal.ts'

/**
 * @param imprint  digest of what is stamped
 * @returns DER TimeStampToken (RFC 3161, 2.4.2), without the response around it
 */
export type TimeStampSource = (imprint: Uint8Array, digestAlgorithm: DigestAlgorithm) => Promise<Uint8Array>

/**
 * @param sources  in the order in which they are asked
 * @throws AdesRefusal `time-stamp-unavailable` when none gives a token, with the last one's reason as its cause; other
 *   exceptions are defects and end the search
 */
export function firstTimeStamp(...sources: readonly TimeStampSource[]): TimeStampSource {
  return async (imprint, digestAlgorithm) => {
    let cause: unknown
    for (const source of sources) {
      try {
        return await source(imprint, digestAlgorithm)
      } catch (error) {
        if (!(error instanceof AdesRefusal)) throw error
        cause = error
      }
    }
    throw new AdesRefusal('time-stamp-unavailable', undefined, { cause })
  }
}
