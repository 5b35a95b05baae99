/**
 * Whether a signature lasts: EN 319 132-1 V1.3.1, 6.1 and 6.3. B-LT when it shows itself that nothing it depends on was
 * revoked, B-LTA when an archive time-stamp protects what shows it.
 */
import type { Certificate } from '@natsuin/pki/x509'
import type { BaselineLevel } from '../../level.ts'
import { type RevocationMaterial, revocationProblem, useOfTimeStamp } from '../revocation.ts'
import type { JudgedTimeStamp } from '../signature-time-stamp.ts'

/** Data, with what the signature reaches when they have all it needs. */
export interface LevelMaterial extends RevocationMaterial {
  readonly level: 'B-LT' | 'B-LTA'
}

export interface LastingContext {
  /** The best first. */
  readonly materials: readonly LevelMaterial[]
  /** Time-stamps around that hold, the oldest first. */
  readonly around: readonly JudgedTimeStamp[]
}

export interface Lasting {
  readonly level: BaselineLevel
  readonly problem?: string
}

/**
 * @param path  of the signer, leaf first
 * @param time  the time-stamp that proves when he signed
 * @throws ValidationEnded REVOKED_NO_POE
 */
export async function judgeLasting(
  path: readonly Certificate[],
  time: JudgedTimeStamp | undefined,
  { materials, around }: LastingContext,
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
