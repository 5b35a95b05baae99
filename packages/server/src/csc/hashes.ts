/** The member `hashes`: base64 of digests, each as long as its algorithm says. CSC API v2.0.0.2, 11.6 and 11.10. */
import { type DigestAlgorithm, digestAlgorithms } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import { RequestRefused } from './errors.ts'
import type { Parameters } from './parameters.ts'

const MAX_HASHES = 100

export function readHashes(parameters: Parameters): readonly Uint8Array[] {
  const hashes = parameters['hashes']
  if (!Array.isArray(hashes)) throw new RequestRefused('hashes-missing')
  if (hashes.length === 0) throw new RequestRefused('hashes-empty')
  if (hashes.length > MAX_HASHES) throw new RequestRefused('hashes-too-many')
  return hashes.map(readHash)
}

/** @throws Refusal `digest-length` */
export function checkSizes(hashes: readonly Uint8Array[], algorithm: DigestAlgorithm): void {
  const { size } = digestAlgorithms[algorithm]
  if (hashes.some(({ length }) => length !== size)) throw new Refusal('digest-length')
}

function readHash(hash: unknown): Uint8Array {
  const bytes = typeof hash === 'string' ? fromBase64(hash) : undefined
  if (bytes === undefined || bytes.length === 0) throw new RequestRefused('hash-not-base64')
  return bytes
}
