/**
 * What a time-stamp gains from those that cover it and hold: EN 319 102-1 V1.4.1, 5.5 and 5.6.2, whatever the format.
 *
 * It is judged at the time that the oldest of them proves. One that none covers is judged at the verifier's time, however
 * well the signature itself is covered: who gets hold of an old key can put it there today.
 */
import type { Trust } from './certificate-chain.ts'
import { revocationProblem, useOfTimeStamp } from './revocation.ts'
import { type JudgedTimeStamp, type SignatureTimeStamp, unlessEnded } from './signature-time-stamp.ts'
import type { StoredData } from './stored-data.ts'

/** The same trust at the time that a time-stamp proves; at the verifier's without one. */
export function provenBy(outer: JudgedTimeStamp | undefined, trust: Trust): Trust {
  return outer === undefined ? trust : { ...trust, at: outer.facts.generatedAt }
}

/** A time-stamp over the signature value that is still to be judged. */
export interface PlacedTimeStamp {
  /** Those that hold and cover it, the oldest first. */
  readonly around: readonly JudgedTimeStamp[]
  /** At the time of `trust`; a text says what is wrong. */
  readonly judge: (trust: Trust) => Promise<JudgedTimeStamp | string>
}

export interface OwnTimeStamp extends SignatureTimeStamp {
  /** Those that cover it, the oldest first. */
  readonly around: readonly JudgedTimeStamp[]
}

/** The first that holds, each at the time that is proven for itself. */
export async function firstToHold(
  timeStamps: readonly PlacedTimeStamp[],
  trust: Trust,
): Promise<OwnTimeStamp> {
  let problem: string | undefined
  for (const { around, judge } of timeStamps) {
    const judged = await judge(provenBy(around[0], trust))
    if (typeof judged !== 'string') return { timeStamp: judged, problem: undefined, around }
    problem ??= judged
  }
  return { timeStamp: undefined, problem, around: [] }
}

/** As they are shown. */
export function factsOfArchive({ holding, problems }: JudgedStamps) {
  return {
    ...(holding.length === 0 ? {} : { archiveTimeStamps: holding.map(({ facts }) => facts) }),
    ...(problems.length === 0 ? {} : { archiveTimeStampProblems: problems }),
  }
}

export interface JudgedStamps {
  /** The oldest first. */
  readonly holding: readonly JudgedTimeStamp[]
  readonly problems: readonly string[]
}

/** What says whether the unit of a time-stamp was revoked. */
export interface StampMaterial {
  readonly data: StoredData
  /** The next one around it that holds. */
  readonly outer: JudgedTimeStamp | undefined
  readonly trust: Trust
}

/** The outermost may lack revocation information: it comes with the next one. One inside it may not. */
export async function revocationProblemOfStamp(
  stamp: JudgedTimeStamp,
  { data, outer, trust }: StampMaterial,
): Promise<string | undefined> {
  const { at: provenAt, platform } = provenBy(outer, trust)
  const use = useOfTimeStamp(stamp, outer === undefined ? [] : [outer])
  const judged = await unlessEnded(async () => ({
    unknown: await revocationProblem(stamp.path, use, { data, provenAt, platform }),
  }))
  if (typeof judged === 'string') return judged
  return outer === undefined ? undefined : judged.unknown
}
