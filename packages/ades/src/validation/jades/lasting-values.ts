/**
 * Whether a JSON signature lasts: TS 119 182-1 V1.2.1, 6.1 and 6.3. B-LT when it shows itself that nothing it depends on
 * was revoked, B-LTA when an archive time-stamp protects what shows it.
 */
import type { Certificate } from '@natsuin/pki/x509'
import type { Trust } from '../certificate-chain.ts'
import { judgeMaterial, type Lasting, type LevelMaterial } from '../lasting-material.ts'
import type { JudgedTimeStamp } from '../signature-time-stamp.ts'
import type { ArchiveTimeStamps } from './archive-time-stamps.ts'
import { dataIn, type UnsignedValue } from './unsigned-values.ts'

export interface LastingContext {
  readonly values: readonly UnsignedValue[]
  readonly archive: ArchiveTimeStamps
  /** Those of them that cover the time-stamp over the signature value. */
  readonly around: readonly JudgedTimeStamp[]
  readonly trust: Trust
}

/**
 * @param path  of the signer, leaf first
 * @param time  the time-stamp that proves when he signed
 * @throws ValidationEnded REVOKED_NO_POE
 */
export function judgeLastingValues(
  path: readonly Certificate[],
  time: JudgedTimeStamp | undefined,
  context: LastingContext,
): Promise<Lasting> {
  return judgeMaterial(path, time, { materials: materialIn(context), around: context.around })
}

/** What archive time-stamps protect, the oldest first; then what nothing protects. */
function materialIn({ values, archive, trust }: LastingContext): readonly LevelMaterial[] {
  const { platform, at } = trust
  const protectedData = archive.holding.map(({ position, facts }) => ({
    level: 'B-LTA' as const,
    data: dataIn(values.slice(0, position)),
    provenAt: facts.generatedAt,
    platform,
  }))
  const all = { level: 'B-LT' as const, data: dataIn(values), provenAt: at, platform }
  return [...protectedData, all].filter(({ data }) => data.ocspResponses.length + data.crls.length > 0)
}
