/**
 * Whether the random octets of a token look like random octets (threats T-KEY-15): the repetition count test of SP
 * 800-90B, 4.4.1, and no block that was there before. Its own generator makes its keys, and we see no more of it than
 * this: it finds a generator that is stuck or not there, not one that is weak.
 */
import { equal } from '@natsuin/pki/encoding'

export const SAMPLE_LENGTH = 64

/**
 * So many equal octets in a row come from a sound generator once in 2^40 samples or more (8 bits of entropy an octet).
 */
const CUTOFF = 6

/** @param before the sample that was taken last */
export function isSound(sample: Uint8Array, before: Uint8Array | undefined): boolean {
  return longestRun(sample) < CUTOFF && (before === undefined || !equal(sample, before))
}

function longestRun(octets: Uint8Array): number {
  let [longest, run] = [0, 0]
  for (const [i, octet] of octets.entries()) {
    run = i > 0 && octet === octets[i - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}
