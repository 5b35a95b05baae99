/**
 * CSC API v1 names the algorithm of digests only when they are signed (v1.0.4.0, 8.3.2 and 11.6): until then their length
 * has to tell, as SHA-2.
 */
import { type DigestAlgorithm, digestAlgorithms } from '@natsuin/pki/algorithms'

const SHA2 = ['sha256', 'sha384', 'sha512'] as const

/** @returns undefined when no digest of SHA-2 is as long */
export function digestBySize(length: number): DigestAlgorithm | undefined {
  return SHA2.find(name => digestAlgorithms[name].size === length)
}
