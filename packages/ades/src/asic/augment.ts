/**
 * Raises the signatures in a container to a higher level, or renews the highest: EN 319 162-1 V1.1.1, 4.3.4 and 4.4.5 and A.7.
 *
 * CAdES signatures in an extended container are over manifests. What protects them for long is therefore a time-stamp over
 * an archive manifest, which names every file anew, the documents as well; each renewal names the one before.
 */
import { certificateOfSigner, extendSignedData, ocspRevocationInfo, parseSignedData } from '@natsuin/pki/cms'
import { type AugmentCadesOptions, augmentCades } from '../cades/augment.ts'
import type { BaselineLevel } from '../level.ts'
import { AdesRefusal } from '../refusal.ts'
import { readable } from '../signing/readable.ts'
import { timeStampOver } from '../time-stamping/time-stamp-over.ts'
import { collectFor } from '../validation-data/collect-for.ts'
import { augmentXades } from '../xades/augment.ts'
import {
  type AsicContainer,
  type AsicFile,
  metaInfBytes,
  nameOf,
  nextName,
  withMetaInf,
} from './container.ts'
import { buildManifest } from './manifest.ts'
import { isCadesName, isTimeStampName, isXadesName, MEDIA_TYPE_OF, META_INF } from './vocabulary.ts'

export type AugmentAsicOptions = Omit<AugmentCadesOptions, 'content'>

/**
 * The container with its signatures at the level at least.
 *
 * @param level  B-LTA is never reached for good: asked again, it renews
 * @throws AdesRefusal as `augmentCades` and `augmentXades`; `signature-missing`
 */
export async function augmentAsic(
  container: AsicContainer,
  level: Exclude<BaselineLevel, 'B-B'>,
  options: AugmentAsicOptions,
): Promise<AsicContainer> {
  const augmentation = new Augmentation(container, options)
  if (!container.metaInf.some(isSignature)) throw new AdesRefusal('signature-missing')
  await augmentation.run(level)
  if (augmentation.container === container) throw new AdesRefusal('level-already-reached')
  return augmentation.container
}

const isCades = ({ name }: AsicFile) => isCadesName(name)
const isXades = ({ name }: AsicFile) => isXadesName(name)
const isSignature = (file: AsicFile) => isCades(file) || isXades(file)

/** A.7: the newest has this name; the others had it once. */
const ARCHIVE_MANIFEST = `${META_INF}ASiCArchiveManifest.xml`
const isArchiveTimeStamp = ({ name }: AsicFile) => isTimeStampName(name)

class Augmentation {
  container: AsicContainer
  readonly #options: AugmentAsicOptions

  constructor(container: AsicContainer, options: AugmentAsicOptions) {
    this.container = container
    this.#options = options
  }

  async run(level: Exclude<BaselineLevel, 'B-B'>): Promise<void> {
    const { form, metaInf } = this.container
    for (const file of metaInf.filter(isXades)) await this.#augmentXades(file, level)
    const signatures = metaInf.filter(isCades)
    if (form === 'ASiC-S') for (const file of signatures) await this.#augmentCades(file, level)
    else if (signatures.length > 0) await this.#augmentExtended(signatures, level)
  }

  /** What an archive manifest names stays as it is. */
  async #augmentExtended(
    signatures: readonly AsicFile[],
    level: Exclude<BaselineLevel, 'B-B'>,
  ): Promise<void> {
    const archived = this.#file(ARCHIVE_MANIFEST)
    const names = archived === undefined ? '' : new TextDecoder().decode(await metaInfBytes(archived))
    for (const file of signatures)
      if (!names.includes(`URI="${file.name}"`))
        await this.#augmentCades(file, level === 'B-LTA' ? 'B-LT' : level)
    if (level !== 'B-LTA') return
    if (archived !== undefined) await this.#completeLastTimeStamp()
    await this.#archive(archived)
  }

  async #augmentCades(file: AsicFile, level: Exclude<BaselineLevel, 'B-B'>): Promise<void> {
    const [document] = this.container.documents
    const content = document === undefined ? {} : { content: document.content }
    const before = await metaInfBytes(file)
    await this.#unlessReached(file, () => augmentCades(before, level, { ...this.#options, ...content }))
  }

  async #augmentXades(file: AsicFile, level: Exclude<BaselineLevel, 'B-B'>): Promise<void> {
    const { documents } = this.container
    const detached = (uri: string) => documents.find(({ name }) => name === nameOf(uri))?.content
    const before = await metaInfBytes(file)
    await this.#unlessReached(file, () => augmentXades(before, level, { ...this.#options, detached }))
  }

  async #unlessReached({ name }: AsicFile, augment: () => Promise<Uint8Array>): Promise<void> {
    try {
      this.container = withMetaInf(this.container, name, await augment())
    } catch (error) {
      if (!(error instanceof AdesRefusal && error.code === 'level-already-reached')) throw error
    }
  }

  /** A.7: before the next, the last time-stamp gets what it will be validated with. */
  async #completeLastTimeStamp(): Promise<void> {
    const last = this.container.metaInf.findLast(isArchiveTimeStamp)
    if (last === undefined) throw new AdesRefusal('signature-unreadable', 'an archive manifest alone')
    const token = await metaInfBytes(last)
    const signedData = readable(() => parseSignedData(token))
    const [signerInfo] = signedData.signerInfos
    const unit = signerInfo && certificateOfSigner(signedData, signerInfo)
    if (unit === undefined) throw new AdesRefusal('signature-unreadable', 'its certificate is missing')
    const data = await collectFor(this.#options, {
      subjects: [{ certificate: unit.bytes, purpose: 'time-stamping' }],
      brought: signedData.certificates,
    })
    const revocationInfos = [...data.crls, ...data.ocspResponses.map(ocspRevocationInfo)]
    const completed = extendSignedData(token, { certificates: data.certificates, revocationInfos })
    this.container = withMetaInf(this.container, last.name, completed)
  }

  async #archive(before: AsicFile | undefined): Promise<void> {
    const { platform, timeStamp } = this.#options
    const older = before === undefined ? undefined : nextName(this.container, 'ASiCArchiveManifest', '.xml')
    if (older !== undefined) this.container = renamed(this.container, ARCHIVE_MANIFEST, older)
    const name = nextName(this.container, 'timestamp', '.tst')
    const bytes = await buildManifest(
      {
        signature: { name, mimeType: MEDIA_TYPE_OF.timeStamp },
        files: filesOf(this.container, older),
        digestAlgorithm: ARCHIVE_DIGEST,
      },
      platform,
    )
    const imprint = await platform.digest(ARCHIVE_DIGEST, bytes)
    const token = await timeStampOver({ imprint, digestAlgorithm: ARCHIVE_DIGEST }, timeStamp)
    this.container = withMetaInf(withMetaInf(this.container, ARCHIVE_MANIFEST, bytes), name, token)
  }

  #file(name: string): AsicFile | undefined {
    return this.container.metaInf.find(file => file.name === name)
  }
}

// What lasts longest shall not rest on the weakest digest.
const ARCHIVE_DIGEST = 'sha512'

function renamed(container: AsicContainer, from: string, to: string): AsicContainer {
  const metaInf = container.metaInf.map(file => (file.name === from ? { ...file, name: to } : file))
  return { ...container, metaInf }
}

/** All there is; the archive manifest before is the root of what this one goes on with. */
function filesOf({ documents, metaInf }: AsicContainer, root: string | undefined) {
  const named = metaInf.map(file => ({ ...file, mimeType: mimeTypeOf(file), isRoot: file.name === root }))
  return [...documents, ...named]
}

function mimeTypeOf(file: AsicFile): string {
  if (isCades(file)) return MEDIA_TYPE_OF.cades
  return isArchiveTimeStamp(file) ? MEDIA_TYPE_OF.timeStamp : MEDIA_TYPE_OF.xml
}
