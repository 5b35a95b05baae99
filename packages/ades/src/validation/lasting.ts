/**
 * Whether a signature lasts: EN 319 142-1 V1.2.1, 6.1 and 6.3. B-LT when the document itself shows that nothing the
 * signature depends on was revoked, B-LTA when a document time-stamp protects what shows it.
 */
import type { Certificate } from '@natsuin/pki/x509'
import type { BaselineLevel } from '../level.ts'
import type { Trust } from './certificate-chain.ts'
import type { DocumentTimeStamps, StampedDocument } from './document-time-stamps.ts'
import { type RevocationMaterial, revocationProblem, useOfTimeStamp } from './revocation.ts'
import type { JudgedTimeStamp } from './signature-time-stamp.ts'
import { storedDataAt } from './stored-data.ts'
import type { SignatureFacts } from './verdict.ts'

export interface LastingContext {
  readonly document: StampedDocument
  readonly stamps: DocumentTimeStamps
  readonly trust: Trust
}

export interface Lasting {
  readonly level: BaselineLevel
  readonly facts: SignatureFacts
}

/**
 * @param path  of the signer, leaf first
 * @param time  the time-stamp that proves when he signed
 * @throws ValidationEnded REVOKED_NO_POE
 */
export async function judgeLasting(
  path: readonly Certificate[],
  time: JudgedTimeStamp | undefined,
  context: LastingContext,
): Promise<Lasting> {
  let problem: string | undefined
  for (const { level, ...material } of await storesOf(context)) {
    const usedAt = time?.facts.generatedAt ?? material.provenAt
    if (usedAt === undefined) continue
    const missing =
      (await revocationProblem(path, { purpose: 'signing', at: usedAt }, material)) ??
      (time && (await revocationProblem(time.path, useOfTimeStamp(time, context.stamps.holding), material)))
    if (missing === undefined && time !== undefined) return { level, facts: { level } }
    problem ??= missing
  }
  const level = time === undefined ? 'B-B' : 'B-T'
  return { level, facts: { level, ...(problem === undefined ? {} : { revocationProblem: problem }) } }
}

interface Store extends RevocationMaterial {
  /** What the signature reaches when this store has all it needs. */
  readonly level: 'B-LT' | 'B-LTA'
}

/** The stores that document time-stamps protect, the oldest first; then the one that nothing protects. */
async function storesOf({ document, stamps, trust }: LastingContext): Promise<readonly Store[]> {
  const { platform } = trust
  const stores: Store[] = []
  for (const { end, facts } of stamps.holding) {
    const data = await storedDataAt(document.open, end)
    if (data) stores.push({ level: 'B-LTA', data, provenAt: facts.generatedAt, platform })
  }
  const { source, open, signatureEnd } = document
  const data = source.size > signatureEnd ? await storedDataAt(open, source.size) : undefined
  if (data) stores.push({ level: 'B-LT', data, provenAt: trust.at, platform })
  return stores
}
