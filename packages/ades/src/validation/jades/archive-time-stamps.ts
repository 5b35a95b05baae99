/**
 * Which archive time-stamps hold: EN 319 102-1 V1.4.1, 5.6.2, and TS 119 182-1 V1.2.1, 5.3.6.
 *
 * From the outermost to the innermost: what one proves is the time at which the next is judged. One that does not hold
 * proves nothing, and what it covers is judged as if it were not there.
 */
import { utf8 } from '@natsuin/pki/encoding'
import type { Trust } from '../certificate-chain.ts'
import { type JudgedTimeStamp, judgeToken } from '../signature-time-stamp.ts'
import { provenBy, revocationProblemOfStamp } from '../stamps-around.ts'
import { tstInfoIn } from '../tst-info-in.ts'
import type { SerializedSignature } from './serialization.ts'
import type { SignedContent } from './signed-thing.ts'
import { dataIn, tokensIn, type UnsignedValue } from './unsigned-values.ts'

export interface ArchivedSignature {
  readonly signature: SerializedSignature
  readonly content: SignedContent
  readonly values: readonly UnsignedValue[]
  /** Where issuers may be found, DER each. */
  readonly certificates: readonly Uint8Array[]
}

export interface HoldingArchiveTimeStamp extends JudgedTimeStamp {
  /** Where in the unsigned values; it covers those before. */
  readonly position: number
}

export interface ArchiveTimeStamps {
  /** The oldest first. */
  readonly holding: readonly HoldingArchiveTimeStamp[]
  readonly problems: readonly string[]
}

/** Those that hold and cover what stands at a position, the oldest first. */
export function covering(
  { holding }: ArchiveTimeStamps,
  position: number,
): readonly HoldingArchiveTimeStamp[] {
  return holding.filter(stamp => stamp.position > position)
}

export async function judgeArchiveTimeStamps(
  archived: ArchivedSignature,
  trust: Trust,
): Promise<ArchiveTimeStamps> {
  const holding: HoldingArchiveTimeStamp[] = []
  const problems: string[] = []
  for (const [position, value] of [...archived.values.entries()].reverse()) {
    if (value.name !== 'arcTst') continue
    const judged = await judgeValue(value, position, archived, { ...trust, outer: holding[0] })
    if (typeof judged === 'string') problems.unshift(judged)
    else holding.unshift({ ...judged, position })
  }
  return { holding, problems }
}

interface Circumstances extends Trust {
  /** The next one around it that holds. */
  readonly outer: HoldingArchiveTimeStamp | undefined
}

/** 5.4.3.3: tokens of several authorities over the same; one that holds is enough. */
async function judgeValue(
  value: UnsignedValue,
  position: number,
  archived: ArchivedSignature,
  circumstances: Circumstances,
): Promise<JudgedTimeStamp | string> {
  const tokens = tokensIn(value)
  if (typeof tokens === 'string') return tokens
  let problem = 'no token'
  for (const token of tokens) {
    const judged = await judgeOne(token, position, archived, circumstances)
    if (typeof judged !== 'string') return judged
    problem = judged
  }
  return problem
}

async function judgeOne(
  token: Uint8Array,
  position: number,
  archived: ArchivedSignature,
  { outer, ...trust }: Circumstances,
): Promise<JudgedTimeStamp | string> {
  const digest = await imprintFor(token, position, archived, trust)
  if (typeof digest === 'string') return digest
  const { certificates, values } = archived
  const judged = await judgeToken(token, { digest }, certificates, provenBy(outer, trust))
  if (typeof judged === 'string') return judged
  const data = dataIn(values.slice(0, outer?.position))
  return (await revocationProblemOfStamp(judged, { data, outer, trust })) ?? judged
}

/** 5.3.6.2.3 and 5.3.6.2.4, with the digest that the token names. */
async function imprintFor(
  token: Uint8Array,
  position: number,
  { signature, content, values }: ArchivedSignature,
  { platform }: Trust,
): Promise<Uint8Array | string> {
  const algorithm = tstInfoIn(token)?.imprint.digestAlgorithm
  if (algorithm === undefined) return 'imprint-algorithm-unsupported'
  const digest = platform.stream(algorithm)
  for await (const octets of content.stamped()) digest.update(octets)
  digest.update(utf8(`.${signature.protected}.${signature.signature}.`))
  for (const { octets } of values.slice(0, position)) digest.update(octets)
  return digest.finish()
}
