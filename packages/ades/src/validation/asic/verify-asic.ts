/**
 * Validates the signatures in a container: EN 319 162-1 V1.1.1; EN 319 102-1 V1.4.1 for each of them.
 *
 * Besides the verdicts it says what each is over, and which documents none that passes is over: a file that somebody put
 * beside signed ones looks signed (T-ZIP-05).
 */
import { parseCertificate } from '@natsuin/pki/x509'
import type { ByteSource } from '../../pdf/byte-source.ts'
import type { ZipLimits } from '../../zip/read.ts'
import { ZipRefusal } from '../../zip/refusal.ts'
import { verifyCades } from '../cades/verify-cades.ts'
import type { Trust } from '../certificate-chain.ts'
import { failed } from '../failed.ts'
import { ValidationEnded, type Verdict } from '../verdict.ts'
import type { VerifyOptions } from '../verify-options.ts'
import { verifyXades } from '../xades/verify-xades.ts'
import type { XadesVerdict } from '../xades/xades-verdict.ts'
import {
  type ArchiveManifests,
  type HoldingArchiveManifest,
  judgeArchiveManifests,
} from './archive-manifests.ts'
import { type ContainerFiles, openContainer } from './container-files.ts'
import { checkReferences, type Manifest, readManifest } from './manifests.ts'

export interface VerifyAsicOptions extends VerifyOptions {
  /** None unless said otherwise; a server has some. */
  readonly limits?: ZipLimits
}

interface InContainer {
  /** The file that the signature stands in. */
  readonly name: string
  /** The documents that it is over; none unless it passed. */
  readonly covers: readonly string[]
}

export type AsicSignature =
  | (InContainer & { readonly format: 'CAdES'; readonly verdict: Verdict })
  | (InContainer & { readonly format: 'XAdES'; readonly verdict: XadesVerdict })

export interface AsicReport {
  /** `undefined` where the file is no container. */
  readonly form: 'ASiC-S' | 'ASiC-E' | undefined
  /** Why the file is no container, or has no signature. */
  readonly problem?: string
  readonly signatures: readonly AsicSignature[]
  /** Documents that no signature which passed is over. */
  readonly uncovered: readonly string[]
}

/**
 * @returns a report on every file; throws only when the source or the platform fails
 * @throws DerError when a trust anchor is not a certificate: that is the verifier's mistake, not the container's
 */
export async function verifyAsic(source: ByteSource, options: VerifyAsicOptions): Promise<AsicReport> {
  const trust = { ...options, trustAnchors: options.trustAnchors.map(parseCertificate) }
  try {
    const files = await openContainer(source, options.limits)
    const signatures = await new ContainerValidation(files, options, trust).signatures()
    const covered = new Set(signatures.flatMap(({ covers }) => covers))
    const uncovered = [...files.documents.keys()].filter(name => !covered.has(name))
    const problem = signatures.length === 0 ? { problem: 'there is no signature' } : {}
    return { form: files.form, signatures, uncovered, ...problem }
  } catch (error) {
    return { form: undefined, problem: failed(unreadable(error), {}).reason, signatures: [], uncovered: [] }
  }
}

function unreadable(error: unknown): unknown {
  return error instanceof ZipRefusal ? new ValidationEnded('FORMAT_FAILURE', error.message) : error
}

/** What a file is by its name: EN 319 162-1 V1.1.1, 4.4.3.2 and 4.4.4.2. */
function isNamed(name: string, word: string, ending: string): boolean {
  const [folder, file = '', ...below] = name.split('/')
  const isFile = folder === 'META-INF' && below.length === 0 && file.endsWith(ending)
  return isFile && file.slice(0, -ending.length).includes(word)
}

class ContainerValidation {
  readonly #files: ContainerFiles
  readonly #options: VerifyOptions
  readonly #trust: Trust
  /** All that there are, or what is wrong with one; read once, however many signatures ask. */
  readonly #manifests: readonly Manifest[] | ValidationEnded

  constructor(files: ContainerFiles, options: VerifyOptions, trust: Trust) {
    this.#files = files
    this.#options = options
    this.#trust = trust
    this.#manifests = manifestsIn(files)
  }

  async signatures(): Promise<readonly AsicSignature[]> {
    const archive = await judgeArchiveManifests(this.#files, this.#trust)
    const signatures: AsicSignature[] = []
    for (const [name, bytes] of this.#files.metaInf) {
      if (isNamed(name, 'signature', '.p7s'))
        signatures.push(...(await this.#judgeCades(name, bytes, archive)))
      else if (isNamed(name, 'signatures', '.xml')) signatures.push(...(await this.#judgeXades(name, bytes)))
    }
    return signatures
  }

  async #judgeXades(name: string, bytes: Uint8Array): Promise<readonly AsicSignature[]> {
    const { documents } = this.#files
    const detached = (uri: string) => documents.get(nameOf(uri))
    const verdicts = await verifyXades(bytes, { ...this.#options, detached })
    return verdicts.map(verdict => {
      const passed = verdict.indication === 'TOTAL-PASSED' ? verdict.facts.contents : []
      const outside = passed.filter(({ uri }) => uri !== '' && !uri.startsWith('#'))
      const covers = outside.map(({ uri }) => nameOf(uri)).filter(one => documents.has(one))
      return { name, format: 'XAdES', verdict, covers }
    })
  }

  async #judgeCades(
    name: string,
    bytes: Uint8Array,
    archive: ArchiveManifests,
  ): Promise<readonly AsicSignature[]> {
    try {
      const { content, covers, names } = await this.#signedBy(name)
      const around = archive.holding.filter(one => names.every(covered => one.names.has(covered)))
      const at = around[0]?.facts.generatedAt ?? this.#options.at
      const judged = { ...this.#options, content, ...(at === undefined ? {} : { at }) }
      const verdicts = await verifyCades(sourceOf(bytes), judged)
      return verdicts.map(verdict => {
        const archived = inArchive(verdict, around, archive)
        const passed = verdict.indication === 'TOTAL-PASSED'
        return { name, format: 'CAdES', verdict: archived, covers: passed ? covers : [] }
      })
    } catch (error) {
      return [{ name, format: 'CAdES', verdict: failed(unreadable(error), {}), covers: [] }]
    }
  }

  /** The one document, or the manifest that names this signature. */
  async #signedBy(name: string) {
    const { form, documents } = this.#files
    if (form === 'ASiC-E') return this.#signedByManifest(name)
    const [document, ...others] = [...documents]
    // 4.3.3.2: one document at the root, and nothing else that could be taken for it.
    if (document === undefined || others.length > 0 || document[0].includes('/'))
      throw new ValidationEnded('FORMAT_FAILURE', `${documents.size} documents`)
    const [documentName, content] = document
    return { content, covers: [documentName], names: [name, documentName] }
  }

  async #signedByManifest(signature: string) {
    const manifest = this.#manifestOf(signature)
    await checkReferences(manifest, this.#files, this.#trust.platform)
    const referred = manifest.references.map(({ name }) => name)
    const covers = referred.filter(name => this.#files.documents.has(name))
    return { content: sourceOf(manifest.bytes), covers, names: [signature, manifest.name, ...referred] }
  }

  #manifestOf(signature: string): Manifest {
    if (this.#manifests instanceof ValidationEnded) throw this.#manifests
    const [manifest, ...others] = this.#manifests.filter(one => one.signature === signature)
    if (manifest === undefined) throw new ValidationEnded('SIGNED_DATA_NOT_FOUND', 'no manifest names it')
    if (others.length > 0) throw new ValidationEnded('FORMAT_FAILURE', 'two manifests name it')
    return manifest
  }
}

function manifestsIn({ metaInf }: ContainerFiles): readonly Manifest[] | ValidationEnded {
  const found = [...metaInf].filter(([name]) => isNamed(name, 'ASiCManifest', '.xml'))
  try {
    return found.map(([name, bytes]) => readManifest(name, bytes))
  } catch (error) {
    if (error instanceof ValidationEnded) return error
    throw error
  }
}

/** B-LTA where an archive manifest protects all that a signature at B-LT rests on. */
function inArchive(
  verdict: Verdict,
  around: readonly HoldingArchiveManifest[],
  { problems }: ArchiveManifests,
): Verdict {
  const archiveTimeStamps = around.map(({ facts }) => facts)
  const facts = {
    ...(around.length === 0 ? {} : { archiveTimeStamps }),
    ...(problems.length === 0 ? {} : { archiveTimeStampProblems: problems }),
  }
  if (verdict.indication !== 'TOTAL-PASSED') return { ...verdict, facts: { ...verdict.facts, ...facts } }
  const lasts = around.length > 0 && verdict.facts.level === 'B-LT'
  const level = lasts ? 'B-LTA' : verdict.facts.level
  return { ...verdict, facts: { ...verdict.facts, ...facts, level } }
}

function nameOf(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
