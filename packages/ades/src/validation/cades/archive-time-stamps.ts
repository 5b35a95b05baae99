/**
 * Which archive time-stamps hold: EN 319 102-1 V1.4.1, 5.6.2, and EN 319 122-1 V1.3.1, 5.5.3.
 *
 * From the newest to the oldest: what one proves is the time at which those that it covers are judged. One that does not
 * hold proves nothing, and what it covers is judged as if it were not there.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { DerError, OID, oid } from '@natsuin/pki/asn1'
import {
  archiveImprintInput,
  archiveTimeStampsOf,
  hashIndexOf,
  type SignedData,
  type SignerInfo,
} from '@natsuin/pki/cms'
import { concat, equal } from '@natsuin/pki/encoding'
import type { Trust } from '../certificate-chain.ts'
import { type JudgedTimeStamp, judgeToken } from '../signature-time-stamp.ts'
import { provenBy, revocationProblemOfStamp } from '../stamps-around.ts'
import { tstInfoIn } from '../tst-info-in.ts'
import { dataIn, type ProtectedObjects, protectedObjects } from './indexed-objects.ts'

export interface ArchivedSigner {
  readonly signedData: SignedData
  readonly signerInfo: SignerInfo
  /** Digests of the content, those that can be had. */
  readonly digests: ReadonlyMap<DigestAlgorithm, Uint8Array>
  /** Where issuers may be found, DER each. */
  readonly certificates: readonly Uint8Array[]
}

export interface HoldingArchiveTimeStamp extends JudgedTimeStamp {
  readonly protects: ProtectedObjects
}

export interface ArchiveTimeStamps {
  /** The oldest first. */
  readonly holding: readonly HoldingArchiveTimeStamp[]
  readonly problems: readonly string[]
}

export async function judgeArchiveTimeStamps(
  signer: ArchivedSigner,
  trust: Trust,
): Promise<ArchiveTimeStamps> {
  const holding: HoldingArchiveTimeStamp[] = []
  const problems: string[] = []
  for (const token of newestFirst(archiveTimeStampsOf(signer.signerInfo))) {
    const [outer] = protecting(holding, OID.archiveTimeStampV3, token)
    const judged = await judge(token, signer, { ...trust, outer })
    if (typeof judged === 'string') problems.unshift(judged)
    else holding.unshift(judged)
  }
  return { holding, problems }
}

/** Those that protect this unsigned attribute value, the oldest first. */
export function protecting(
  holding: readonly HoldingArchiveTimeStamp[],
  type: string,
  value: Uint8Array,
): readonly HoldingArchiveTimeStamp[] {
  const named = concat(oid(type), value)
  return holding.filter(({ protects }) => protects.attributeValues.some(one => equal(one, named)))
}

/**
 * Attributes have no order (RFC 5652, 5.3): their times tell, and of one moment the one that was put behind the other is the
 * newer. Those that cannot be read come last.
 */
function newestFirst(tokens: readonly Uint8Array[]): readonly Uint8Array[] {
  const timed = tokens.map(token => ({ token, time: tstInfoIn(token)?.genTime.getTime() ?? 0 }))
  return timed
    .toReversed()
    .sort((a, b) => b.time - a.time)
    .map(({ token }) => token)
}

interface Circumstances extends Trust {
  /** The oldest around it that holds. */
  readonly outer: HoldingArchiveTimeStamp | undefined
}

async function judge(
  token: Uint8Array,
  signer: ArchivedSigner,
  { outer, ...trust }: Circumstances,
): Promise<HoldingArchiveTimeStamp | string> {
  const stamped = await stampedBy(token, signer, trust)
  if (typeof stamped === 'string') return stamped
  const { certificates, signedData } = signer
  const judged = await judgeToken(token, { content: stamped.input }, certificates, provenBy(outer, trust))
  if (typeof judged === 'string') return judged
  const data = outer?.protects.data ?? dataIn(signedData)
  const problem = await revocationProblemOfStamp(judged, { data, outer, trust })
  return problem ?? { ...judged, protects: stamped.protects }
}

/** 5.5.2: first the index, then the imprint with the index in it. */
async function stampedBy(
  token: Uint8Array,
  { signedData, signerInfo, digests }: ArchivedSigner,
  { platform }: Trust,
): Promise<{ readonly input: Uint8Array; readonly protects: ProtectedObjects } | string> {
  const index = indexIn(token)
  const algorithm = tstInfoIn(token)?.imprint.digestAlgorithm
  if (index === undefined || algorithm === undefined) return 'malformed'
  if (index.digestAlgorithm !== algorithm) return 'hash-index-algorithm-mismatch'
  const contentDigest = digests.get(algorithm)
  if (contentDigest === undefined) return `no digest of the content by ${algorithm}`
  const protects = await protectedObjects(index, signedData, signerInfo, platform)
  if (protects === undefined) return 'hash-index-mismatch'
  return { input: archiveImprintInput(signedData, signerInfo, contentDigest, index.bytes), protects }
}

function indexIn(token: Uint8Array) {
  try {
    return hashIndexOf(token)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
