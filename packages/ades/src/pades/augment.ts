/**
 * Raises the signatures of a PDF to a higher level, or renews the highest: EN 319 142-1 V1.2.1, 6.3.
 *
 * Only by appending, so that no earlier signature is touched: a document time-stamp where a signature has no time
 * (B-T), the security store with all that a validator needs (B-LT), a document time-stamp over both (B-LTA). At B-LTA
 * already, the same two once more protect the time-stamp before them.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { BaselineLevel } from '../level.ts'
import { appendedSource, type ByteSource, prefixSource } from '../pdf/byte-source.ts'
import { openPdf, type PdfDocument } from '../pdf/document.ts'
import { AdesRefusal } from '../refusal.ts'
import { collectFor } from '../validation-data/collect-for.ts'
import type { AugmentPadesOptions } from './augment-options.ts'
import { type DocumentSignature, documentSignatures } from './document-signatures.ts'
import { timeStampPdf } from './document-time-stamp.ts'
import { allHaveTime, lastOf, type SignatureHistory, subjectsOf, unsettled } from './lasting-subjects.ts'
import { readSecurityStore, securityStoreUpdate, storedCertificates } from './security-store.ts'

/**
 * The bytes to append to a signed document for all its signatures to reach the level.
 *
 * @param level  B-LTA is never reached for good: asked again, it renews
 * @throws AdesRefusal `level-already-reached`, `signature-missing`, `signature-unreadable`, `time-stamp-unavailable`,
 *   `time-stamp-invalid`, and what `collectValidationData` refuses with
 * @throws PdfRefusal what has to do with the document, and `signature-space-exceeded`
 */
export async function augmentPades(
  source: ByteSource,
  level: Exclude<BaselineLevel, 'B-B'>,
  options: AugmentPadesOptions,
): Promise<Uint8Array> {
  const augmentation = new Augmentation(source, options)
  await augmentation[STEPS[level]]()
  if (augmentation.update.length === 0) throw new AdesRefusal('level-already-reached')
  return augmentation.update
}

const STEPS = { 'B-T': 'toTime', 'B-LT': 'toLasting', 'B-LTA': 'toArchive' } as const

class Augmentation {
  update = new Uint8Array()
  readonly #original: ByteSource
  readonly #options: AugmentPadesOptions

  constructor(original: ByteSource, options: AugmentPadesOptions) {
    this.#original = original
    this.#options = options
  }

  async toTime(): Promise<void> {
    const signatures = await documentSignatures(await this.#document())
    if (!allHaveTime(this.#concerned(signatures), signatures))
      this.#append(await timeStampPdf(this.#source, this.#options))
  }

  async toLasting(): Promise<void> {
    await this.toTime()
    const document = await this.#document()
    const open = this.#unsettled(await this.#history(document))
    const { writtenAt } = await readSecurityStore(document)
    const lacksData = open.some(({ end }) => end > writtenAt)
    if (lacksData && open.some(({ kind }) => kind === 'signature')) await this.#store()
  }

  async toArchive(): Promise<void> {
    await this.toTime()
    await this.#store()
    this.#append(await timeStampPdf(this.#source, this.#options))
  }

  async #store(): Promise<void> {
    const document = await this.#document()
    const history = await this.#history(document)
    const { platform, at } = this.#options
    const data = await collectFor(this.#options, {
      subjects: this.#unsettled(history).flatMap(signature => subjectsOf(signature, history.signatures)),
      brought: await certificatesIn(document, history),
    })
    const seed = utf8(`security store ${at.toISOString()}`)
    this.#append(await securityStoreUpdate(document, data, { platform, seed }))
  }

  #concerned(signatures: readonly DocumentSignature[]): readonly DocumentSignature[] {
    return this.#options.signatures === 'last' ? lastOf(signatures) : signatures
  }

  #unsettled(history: SignatureHistory): readonly DocumentSignature[] {
    const concerned = this.#concerned(history.signatures)
    return unsettled(history).filter(signature => concerned.includes(signature))
  }

  async #history(document: PdfDocument): Promise<SignatureHistory> {
    const signatures = await documentSignatures(document)
    const storesWrittenAt: number[] = []
    for (const { end, kind } of signatures)
      storesWrittenAt.push(kind === 'time-stamp' ? await this.#storeWrittenAt(end) : -1)
    return { signatures, storesWrittenAt }
  }

  async #storeWrittenAt(end: number): Promise<number> {
    const revision = await openPdf(prefixSource(this.#source, end), this.#options)
    return (await readSecurityStore(revision)).writtenAt
  }

  #document(): Promise<PdfDocument> {
    return openPdf(this.#source, this.#options)
  }

  get #source(): ByteSource {
    return appendedSource(this.#original, this.update)
  }

  #append(bytes: Uint8Array): void {
    this.update = concat(this.update, bytes)
  }
}

async function certificatesIn(
  document: PdfDocument,
  { signatures }: SignatureHistory,
): Promise<readonly Uint8Array[]> {
  const stamped = signatures.flatMap(signature =>
    signature.kind === 'signature' ? signature.timeStamps.flatMap(({ certificates }) => certificates) : [],
  )
  const stored = await storedCertificates(document)
  return [...signatures.flatMap(({ certificates }) => certificates), ...stamped, ...stored]
}
