/**
 * Which level a signature reaches by the validation data it brings, whatever the format: B-LT when they show that nothing
 * it depends on was revoked, B-LTA when a time-stamp protects what shows it.
 */
import type { Certificate } from '@natsuin/pki/x509'
import type { BaselineLevel } from '../level.ts'
import { type RevocationMaterial, revocationProblem, useOfTimeStamp } from './revocation.ts'
import type { JudgedTimeStamp } from './signature-time-stamp.ts'
import type { SignatureFacts } from './verdict.ts'

export interface LevelMaterial extends RevocationMaterial {
  /** What the signature reaches when these data have all it needs. */
  readonly level: 'B-LT' | 'B-LTA'
}

export interface Lasting {
  readonly level: BaselineLevel
  /** What the data lack. */
  readonly problem?: string
}

export interface LastingEvidence {
  /** The best first. */
  readonly materials: readonly LevelMaterial[]
  /** The archive or document time-stamps that hold around the time-stamp of the signature, the oldest first. */
  readonly around: readonly JudgedTimeStamp[]
}

/**
 * @param path  of the signer, leaf first
 * @param time  the time-stamp that proves when he signed
 * @throws ValidationEnded REVOKED_NO_POE
 */
export async function judgeMaterial(
  path: readonly Certificate[],
  time: JudgedTimeStamp | undefined,
  { materials, around }: LastingEvidence,
): Promise<Lasting> {
  let problem: string | undefined
  for (const { level, ...material } of materials) {
    const usedAt = time?.facts.generatedAt ?? material.provenAt
    if (usedAt === undefined) continue
    const missing =
      (await revocationProblem(path, { purpose: 'signing', at: usedAt }, material)) ??
      (time && (await revocationProblem(time.path, useOfTimeStamp(time, around), material)))
    if (missing === undefined && time !== undefined) return { level }
    problem ??= missing
  }
  return { level: time === undefined ? 'B-B' : 'B-T', ...(problem === undefined ? {} : { problem }) }
}

export function factsOfLasting({
  level,
  problem,
}: Lasting): Pick<SignatureFacts, 'level' | 'revocationProblem'> {
  return { level, ...(problem === undefined ? {} : { revocationProblem: problem }) }
}
