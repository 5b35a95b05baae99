/**
 * What the document security store of a revision holds: EN 319 142-1 V1.2.1, 5.4.2.2. Anybody can put anything there,
 * so it is material, trusted for nothing.
 */
import type { OpenRevision, Revision } from './structure/revision.ts'
import type { Dictionary } from './structure/value.ts'
import { ValidationEnded } from './verdict.ts'

/** DER each. */
export interface StoredData {
  readonly certificates: readonly Uint8Array[]
  readonly ocspResponses: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
}

/** `undefined` where the revision that ends there has no store, or none that can be read. */
export async function storedDataAt(open: OpenRevision, end: number): Promise<StoredData | undefined> {
  try {
    const revision = await open(end)
    const catalog = await revision.dictionary(revision.sections.trailer.entries.get('/Root'))
    const store = await revision.dictionary(catalog?.entries.get('/DSS'))
    return store === undefined ? undefined : await dataOf(revision, store)
  } catch (error) {
    if (error instanceof ValidationEnded) return undefined
    throw error
  }
}

async function dataOf(revision: Revision, store: Dictionary): Promise<StoredData> {
  const certificates = await streamsOf(revision, store, '/Certs')
  const ocspResponses = await streamsOf(revision, store, '/OCSPs')
  return { certificates, ocspResponses, crls: await streamsOf(revision, store, '/CRLs') }
}

async function streamsOf(revision: Revision, store: Dictionary, key: string): Promise<readonly Uint8Array[]> {
  const list = await revision.resolve(store.entries.get(key))
  const streams: Uint8Array[] = []
  for (const item of list.kind === 'list' ? list.items : []) {
    const data = await revision.data(item)
    if (data !== undefined) streams.push(data)
  }
  return streams
}
