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
import { revocationProblem, useOfTimeStamp } from '../revocation.ts'
import { type JudgedTimeStamp, judgeToken, unlessEnded } from '../signature-time-stamp.ts'
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
    const judged =
      typeof manifest === 'string' ? manifest : await judge(manifest, files, { ...trust, outer: holding[0] })
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

interface Circumstances extends Trust {
  /** The next newer one that holds. */
  readonly outer: HoldingArchiveManifest | undefined
}

async function judge(
  manifest: Manifest,
  files: ContainerFiles,
  { outer, ...trust }: Circumstances,
): Promise<HoldingArchiveManifest | string> {
  const token = files.metaInf.get(manifest.signature)
  if (token === undefined) return `no ${manifest.signature}`
  const broken = await unlessEnded(() => checkReferences(manifest, files, trust.platform))
  if (typeof broken === 'string') return broken
  const at = outer?.facts.generatedAt ?? trust.at
  const judged = await judgeToken(token, { content: manifest.bytes }, [], {
    platform: trust.platform,
    trustAnchors: trust.trustAnchors,
    ...(at === undefined ? {} : { at }),
  })
  if (typeof judged === 'string') return judged
  const revoked = await problemOfRevocation(judged, token, { outer, ...trust })
  return revoked ?? { ...judged, names: new Set(manifest.references.map(({ name }) => name)) }
}

/** The newest may lack revocation information: its token gets it with the next one. An older one may not. */
async function problemOfRevocation(
  judged: JudgedTimeStamp,
  token: Uint8Array,
  { outer, platform, at }: Circumstances,
): Promise<string | undefined> {
  const material = { data: dataInToken(token), provenAt: outer?.facts.generatedAt ?? at, platform }
  const use = useOfTimeStamp(judged, outer === undefined ? [] : [outer])
  const status = await unlessEnded(async () => ({
    unknown: await revocationProblem(judged.path, use, material),
  }))
  if (typeof status === 'string') return status
  return outer === undefined ? undefined : status.unknown
}

function dataInToken(token: Uint8Array) {
  try {
    return dataIn(parseSignedData(token))
  } catch (error) {
    if (error instanceof DerError) return { certificates: [], ocspResponses: [], crls: [] }
    throw error
  }
}
