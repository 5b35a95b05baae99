/** The member `hashes`, which v1 calls `hash`: base64 of digests; what they are of says `hashType`, as of CSC v2.2. CSC API v1.0.4.0, 11.6 and 11.9; v2.0.0.2, 11.6 and 11.10. */
import { type DigestAlgorithm, digestAlgorithms, digestByOid } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import type { HashType } from '@natsuin/protocol/approval'
import type { Edition } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { hashTypeWord } from '@natsuin/protocol/request'
import type { AskedDigest } from '@natsuin/protocol/sap'
import { registeredHashType } from '../oauth/untyped-digests.ts'
import { digestBySize } from '../signing/digest-by-size.ts'
import { RequestRefused } from './errors.ts'
import type { Services } from './method.ts'

export interface ApprovedHashes {
  /** What they are of. */
  readonly hashType: HashType
  readonly digests: readonly Uint8Array[]
  readonly digestAlgorithm: DigestAlgorithm
}

interface Given {
  readonly hashes?: readonly string[]
  readonly hashAlgorithmOID?: string
  readonly hashType?: string
}

interface Asking {
  readonly edition: Edition
  readonly clientId: string
}

/** What a SAD is to be for. v1 names no algorithm there: the length of the digests does. @throws RequestRefused, Refusal */
export function readApprovedHashes(
  { hashes, hashAlgorithmOID, hashType }: Given,
  { edition, clientId }: Asking,
  { clients }: Pick<Services, 'clients'>,
): ApprovedHashes {
  const named = edition === 'v2' ? readDigestAlgorithm(hashAlgorithmOID) : undefined
  if (hashes === undefined) throw new RequestRefused('hashes-missing')
  const digests = readHashes(hashes)
  const digestAlgorithm = named ?? byLength(digests)
  checkSizes(digests, digestAlgorithm)
  return {
    hashType: hashTypeWord(hashType ?? registeredHashType(clients, clientId)),
    digests,
    digestAlgorithm,
  }
}

/** As the SAM is asked about them. */
export const askedDigests = ({ hashType, digests }: ApprovedHashes): readonly AskedDigest[] =>
  digests.map(digest => (hashType === 'dtbsr' ? digest : { hashType, documentDigest: digest }))

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

function byLength([first]: readonly Uint8Array[]): DigestAlgorithm {
  const algorithm = digestBySize(first?.length ?? 0)
  if (algorithm === undefined) throw new Refusal('digest-length')
  return algorithm
}

/** Canonical: no two spellings of one digest. */
function readHash(hash: string): Uint8Array {
  const bytes = fromBase64(hash)
  if (bytes === undefined) throw new RequestRefused('hash-not-base64')
  return bytes
}
