/**
 * Which archive manifests hold: EN 319 162-1 V1.1.1, A.7; EN 319 102-1 V1.4.1, 5.6.2. Each proves by its time-stamp that
 * all files that it names existed then.
 *
 * From the newest, which has a name of its own, to the oldest: what one proves is the time at which the next is judged.
 */
import { DerError } from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { dataIn } from '../cades/indexed-objects.ts'
import type { Trust } from '../certificate-chain.ts'
import { type JudgedTimeStamp, judgeToken, unlessEnded } from '../signature-time-stamp.ts'
import { provenBy, revocationProblemOfStamp } from '../stamps-around.ts'
import type { ContainerFiles } from './container-files.ts'
import { checkReferences, type Manifest, readManifest } from './manifests.ts'

export interface HoldingArchiveManifest extends JudgedTimeStamp {
  /** The files that it proves something of. */
  readonly names: ReadonlySet<string>
}

export interface ArchiveManifests {
  /** The oldest first. */
  readonly holding: readonly HoldingArchiveManifest[]
  readonly problems: readonly string[]
}

const NEWEST = 'META-INF/ASiCArchiveManifest.xml'

export async function judgeArchiveManifests(files: ContainerFiles, trust: Trust): Promise<ArchiveManifests> {
  const holding: HoldingArchiveManifest[] = []
  const problems: string[] = []
  const seen = new Set<string>()
  for (let name: string | undefined = NEWEST; name !== undefined && !seen.has(name); ) {
    seen.add(name)
    const manifest = await manifestIn(name, files)
    if (manifest === undefined) break
    const judged = typeof manifest === 'string' ? manifest : await judge(manifest, files, { trust, holding })
    if (typeof judged === 'string') problems.unshift(judged)
    else holding.unshift(judged)
    name = typeof manifest === 'string' ? undefined : manifest.references.find(({ isRoot }) => isRoot)?.name
  }
  return { holding, problems }
}

async function manifestIn(name: string, { metaInf }: ContainerFiles): Promise<Manifest | string | undefined> {
  const bytes = metaInf.get(name)
  return bytes && unlessEnded(async () => readManifest(name, bytes))
}

interface Circumstances {
  readonly trust: Trust
  /** The newer ones that hold, the oldest first. */
  readonly holding: readonly HoldingArchiveManifest[]
}

async function judge(
  manifest: Manifest,
  files: ContainerFiles,
  { trust, holding }: Circumstances,
): Promise<HoldingArchiveManifest | string> {
  const token = files.metaInf.get(manifest.signature)
  if (token === undefined) return `no ${manifest.signature}`
  const broken = await unlessEnded(() => checkReferences(manifest, files, trust.platform))
  if (typeof broken === 'string') return broken
  // One that does not name the time-stamp as well says nothing of it: another could stand there since.
  const outer = holding.find(({ names }) => names.has(manifest.name) && names.has(manifest.signature))
  const judged = await judgeToken(token, { content: manifest.bytes }, [], provenBy(outer, trust))
  if (typeof judged === 'string') return judged
  const revoked = await revocationProblemOfStamp(judged, { data: dataInToken(token), outer, trust })
  return revoked ?? { ...judged, names: new Set(manifest.references.map(({ name }) => name)) }
}

function dataInToken(token: Uint8Array) {
  try {
    return dataIn(parseSignedData(token))
  } catch (error) {
    if (error instanceof DerError) return { certificates: [], ocspResponses: [], crls: [] }
    throw error
  }
}
