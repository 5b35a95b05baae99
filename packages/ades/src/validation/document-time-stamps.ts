/**
 * Which document time-stamps hold: EN 319 102-1 V1.4.1, 5.6.2 (time-stamp tokens as proofs of existence) and
 * EN 319 142-1 V1.2.1, 5.4.3.
 *
 * From the outermost to the innermost: what one proves is the time at which the next is judged. One that does not hold
 * proves nothing, and what it covers is judged as if it were not there.
 */
import { DerError } from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { parseTstInfo } from '@natsuin/pki/tsp'
import type { ByteSource } from '../pdf/byte-source.ts'
import type { Trust } from './certificate-chain.ts'
import { cmsOf, digestAround } from './covered-bytes.ts'
import type { FoundSignature } from './find-signature.ts'
import { type JudgedTimeStamp, judgeToken } from './signature-time-stamp.ts'
import { provenBy, revocationProblemOfStamp } from './stamps-around.ts'
import { type StoredData, storedDataAt } from './stored-data.ts'
import type { OpenRevision } from './structure/revision.ts'

export interface StampedDocument {
  readonly source: ByteSource
  readonly open: OpenRevision
  /** The end of the revision that the signature covers; what counts for it stands behind. */
  readonly signatureEnd: number
  /** The oldest first. */
  readonly timeStamps: readonly FoundSignature[]
  /** Where issuers may be found, DER each. */
  readonly certificates: readonly Uint8Array[]
}

export interface HoldingTimeStamp extends JudgedTimeStamp {
  /** The end of the revision that it covers. */
  readonly end: number
}

export interface DocumentTimeStamps {
  /** The oldest first. */
  readonly holding: readonly HoldingTimeStamp[]
  readonly problems: readonly string[]
}

export async function judgeDocumentTimeStamps(
  document: StampedDocument,
  trust: Trust,
): Promise<DocumentTimeStamps> {
  const holding: HoldingTimeStamp[] = []
  const problems: string[] = []
  for (const found of document.timeStamps.toReversed()) {
    const judged = await judge(found, document, { ...trust, outer: holding[0] })
    if (typeof judged === 'string') problems.unshift(judged)
    else holding.unshift({ ...judged, end: found.end })
  }
  return { holding, problems }
}

interface Circumstances extends Trust {
  /** The next one around it that holds. */
  readonly outer: HoldingTimeStamp | undefined
}

async function judge(
  found: FoundSignature,
  document: StampedDocument,
  { outer, ...trust }: Circumstances,
): Promise<JudgedTimeStamp | string> {
  const { source, open, certificates } = document
  const token = await tokenOf(found, document, trust)
  if (typeof token === 'string') return token
  const proven = provenBy(outer, trust)
  const judged = await judgeToken(token.bytes, { digest: token.digest }, certificates, proven)
  if (typeof judged === 'string') return judged
  const data = (await storedDataAt(open, outer?.end ?? source.size)) ?? NOTHING
  return (await revocationProblemOfStamp(judged, { data, outer, trust })) ?? judged
}

const NOTHING: StoredData = { certificates: [], ocspResponses: [], crls: [] }

interface Token {
  readonly bytes: Uint8Array
  /** Of what it should be over, with the algorithm that it names. */
  readonly digest: Uint8Array
}

async function tokenOf(
  found: FoundSignature,
  { source }: StampedDocument,
  { platform }: Trust,
): Promise<Token | string> {
  try {
    const bytes = cmsOf(found)
    const { content } = parseSignedData(bytes)
    if (content === undefined) return 'not-a-time-stamp'
    const { digestAlgorithm } = parseTstInfo(content).imprint
    if (digestAlgorithm === undefined) return 'imprint-algorithm-unsupported'
    return { bytes, digest: await digestAround(source, found, platform.stream(digestAlgorithm)) }
  } catch (error) {
    if (error instanceof DerError) return 'malformed'
    throw error
  }
}
