/**
 * Whether a signature lasts: EN 319 142-1 V1.2.1, 6.1 and 6.3. B-LT when the document itself shows that nothing the
 * signature depends on was revoked, B-LTA when a document time-stamp protects what shows it.
 */
import type { Certificate } from '@natsuin/pki/x509'
import type { Trust } from './certificate-chain.ts'
import type { DocumentTimeStamps, StampedDocument } from './document-time-stamps.ts'
import { judgeMaterial, type Lasting, type LevelMaterial } from './lasting-material.ts'
import type { JudgedTimeStamp } from './signature-time-stamp.ts'
import { storedDataAt } from './stored-data.ts'

export interface LastingContext {
  readonly document: StampedDocument
  readonly stamps: DocumentTimeStamps
  readonly trust: Trust
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
  return judgeMaterial(path, time, { materials: await storesOf(context), around: context.stamps.holding })
}

/** The stores that document time-stamps protect, the oldest first; then the one that nothing protects. */
async function storesOf({ document, stamps, trust }: LastingContext): Promise<readonly LevelMaterial[]> {
  const { platform } = trust
  const stores: LevelMaterial[] = []
  for (const { end, facts } of stamps.holding) {
    const data = await storedDataAt(document.open, end)
    if (data) stores.push({ level: 'B-LTA', data, provenAt: facts.generatedAt, platform })
  }
  const { source, open, signatureEnd } = document
  const data = source.size > signatureEnd ? await storedDataAt(open, source.size) : undefined
  if (data) stores.push({ level: 'B-LT', data, provenAt: trust.at, platform })
  return stores
}
