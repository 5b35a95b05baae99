/** The member `hashes`, which v1 calls `hash`: base64 of digests. CSC API v1.0.4.0, 11.6 and 11.9; v2.0.0.2, 11.6 and 11.10. */
import { type DigestAlgorithm, digestAlgorithms, digestByOid } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import type { Edition } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { RequestRefused } from './errors.ts'

export interface ApprovedHashes {
  readonly dtbsrs: readonly Uint8Array[]
  readonly digestAlgorithm: DigestAlgorithm
}

interface Given {
  readonly hashes?: readonly string[]
  readonly hashAlgorithmOID?: string
}

/** What a SAD is to be for. v1 names no algorithm there: the length of the digests does. @throws RequestRefused, Refusal */
export function readApprovedHashes({ hashes, hashAlgorithmOID }: Given, edition: Edition): ApprovedHashes {
  const named = edition === 'v2' ? readDigestAlgorithm(hashAlgorithmOID) : undefined
  if (hashes === undefined) throw new RequestRefused('hashes-missing')
  const dtbsrs = readHashes(hashes)
  const digestAlgorithm = named ?? byLength(dtbsrs)
  checkSizes(dtbsrs, digestAlgorithm)
  return { dtbsrs, digestAlgorithm }
}

export function readHashes(hashes: readonly string[]): readonly Uint8Array[] {
  return hashes.map(readHash)
}

/** @throws Refusal `digest-length` */
export function checkSizes(hashes: readonly Uint8Array[], algorithm: DigestAlgorithm): void {
  const { size } = digestAlgorithms[algorithm]
  if (hashes.some(({ length }) => length !== size)) throw new Refusal('digest-length')
}

/** `hashAlgorithmOID`, where it stands alone. */
function readDigestAlgorithm(named: string | undefined): DigestAlgorithm {
  if (named === undefined) throw new RequestRefused('hash-algorithm-missing')
  const algorithm = digestByOid(named)
  if (algorithm === undefined) throw new RequestRefused('hash-algorithm-invalid')
  return algorithm
}

const V1_ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const

function byLength([first]: readonly Uint8Array[]): DigestAlgorithm {
  const algorithm = V1_ALGORITHMS.find(name => digestAlgorithms[name].size === first?.length)
  if (algorithm === undefined) throw new Refusal('digest-length')
  return algorithm
}

/** Canonical: no two spellings of one digest. */
function readHash(hash: string): Uint8Array {
  const bytes = fromBase64(hash)
  if (bytes === undefined) throw new RequestRefused('hash-not-base64')
  return bytes
}
