/**
 * Keeps answers until they say that there is a newer one (nextUpdate).
 *
 * Only what verifies is kept, and only for the certificate and issuer it was verified for: what one host serves can
 * never answer for another's certificates. "Revoked" is kept too: it is never taken back, but for a certificate that
 * was on hold, of which the next answer tells.
 */
import { toHex } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { judgeRevocation } from '../validation-data/judge-revocation.ts'
import type {
  RevocationInfo,
  RevocationQuestion,
  RevocationSource,
} from '../validation-data/revocation-source.ts'

export interface RememberedOptions {
  readonly platform: Platform
  /** How many answers are kept; the oldest goes first. */
  readonly entries?: number
}

/** The same source, which is not asked again while its last answer about a certificate is current. */
export function remembered(
  source: RevocationSource,
  { platform, entries = DEFAULT_ENTRIES }: RememberedOptions,
): RevocationSource {
  const kept = new Map<string, RevocationInfo>()
  return async question => {
    const key = await keyOf(question, platform)
    const known = kept.get(key)
    if (known !== undefined && (await isUsable(known, question, platform))) return known
    const info = await source(question)
    kept.delete(key)
    if (await isUsable(info, question, platform)) kept.set(key, info)
    for (const [oldest] of kept) if (kept.size > entries) kept.delete(oldest)
    return info
  }
}

const DEFAULT_ENTRIES = 1000

/** It is judged again each time, so an answer is never used beyond its time, whatever the clock did meanwhile. */
async function isUsable(info: RevocationInfo, question: RevocationQuestion, platform: Platform) {
  return (await judgeRevocation(info, question, platform)).kind !== 'unusable'
}

async function keyOf({ certificate, issuer }: RevocationQuestion, platform: Platform): Promise<string> {
  const digests = [certificate, issuer].map(({ bytes }) => platform.digest('sha256', bytes))
  return (await Promise.all(digests)).map(toHex).join()
}
