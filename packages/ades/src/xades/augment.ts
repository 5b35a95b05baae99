/**
 * Raises the signatures of a document to a higher level, or renews the highest: EN 319 132-1 V1.3.1, 6.3.
 *
 * What is signed, and what an archive time-stamp covers, stays as it is, character for character. The validation data
 * in front of the next archive time-stamp are written with all there are, old and new, each once.
 */
import { type DigestAlgorithm, signatureAlgorithms, signatureByUri } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import type { AugmentOptions } from '../augment-options.ts'
import type { BaselineLevel } from '../level.ts'
import { AdesRefusal } from '../refusal.ts'
import { timeStampOver } from '../time-stamping/time-stamp-over.ts'
import type { ValidationData } from '../validation-data/collect.ts'
import { collectFor } from '../validation-data/collect-for.ts'
import { merged } from '../validation-data/merged.ts'
import type { UnsignedHistory } from '../validation-data/unsigned-history.ts'
import { canonicalise } from '../xml/canonicalise.ts'
import { attributeOf, type XmlDocument } from '../xml/node.ts'
import { parseXml, parseXmlText } from '../xml/parse.ts'
import { archiveImprint } from './archive-imprint.ts'
import { EXCLUSIVE, type Markup } from './markup.ts'
import { readHistory } from './read-history.ts'
import type { DetachedObjects } from './reference-octets.ts'
import {
  onlyChild,
  type SignatureStructure,
  signatureById,
  signaturesIn,
  structureOf,
} from './signature-structure.ts'
import { archiveTimeStamp, nextId, signatureTimeStamp } from './time-stamp-properties.ts'
import { withoutProperties, withProperty, withPropertyBehind } from './unsigned-properties.ts'
import {
  isValidationData,
  timeStampValidationData,
  validationDataIn,
  validationDataProperties,
} from './validation-data-properties.ts'
import { DS } from './vocabulary.ts'

export interface AugmentXadesOptions extends AugmentOptions {
  /** For B-LTA of a detached signature: what it is over. */
  readonly detached?: DetachedObjects
  /** Only this one; a counter-signature can be meant as well. All signatures unless said otherwise. */
  readonly signatureId?: string
}

/**
 * The document with its signatures at the level at least.
 *
 * @param level  B-LTA is never reached for good: asked again, it renews
 * @throws AdesRefusal `level-already-reached`, `signature-missing`, `signature-unreadable`, `content-missing`, `content-altered`,
 *   `time-stamp-unavailable`, `time-stamp-invalid`, and what `collectValidationData` refuses with
 * @throws XmlRefusal for a document that is not read
 */
export async function augmentXades(
  signed: Uint8Array,
  level: Exclude<BaselineLevel, 'B-B'>,
  options: AugmentXadesOptions,
): Promise<Uint8Array> {
  const document = parseXml(signed)
  let { text } = document
  for (const id of idsOf(document, options.signatureId)) {
    const augmentation = new Augmentation(text, id, options)
    await augmentation[STEPS[level]]()
    text = augmentation.text
  }
  if (text === document.text) throw new AdesRefusal('level-already-reached')
  return utf8(text)
}

const STEPS = { 'B-T': 'toTime', 'B-LT': 'toLasting', 'B-LTA': 'toArchive' } as const

function idsOf(document: XmlDocument, wanted: string | undefined): readonly string[] {
  if (wanted !== undefined) return [wanted]
  const ids = signaturesIn(document).map(signature => structureOf(signature).id)
  if (ids.length === 0) throw new AdesRefusal('signature-missing')
  return ids
}

class Augmentation {
  text: string
  readonly #id: string
  readonly #options: AugmentXadesOptions

  constructor(text: string, id: string, options: AugmentXadesOptions) {
    this.text = text
    this.#id = id
    this.#options = options
  }

  async toTime(): Promise<void> {
    const { structure, history } = await this.#read()
    if (history.hasTime) return
    const { platform } = this.#options
    const digestAlgorithm = digestOf(structure)
    const imprint = await platform.digest(digestAlgorithm, canonicalise(structure.signatureValue, EXCLUSIVE))
    const token = await this.#timeStamp(digestAlgorithm, imprint)
    this.#add(structure, signatureTimeStamp(nextId(structure.id, structure.unsigned), token))
  }

  async toLasting(): Promise<void> {
    await this.toTime()
    if ((await this.#read()).history.lacksData) await this.#store()
  }

  async toArchive(): Promise<void> {
    await this.toTime()
    await this.#store()
    const { platform, detached } = this.#options
    const { document, structure } = await this.#read()
    const imprint = await archiveImprint({ document, structure, detached }, ARCHIVE_DIGEST, platform)
    const token = await this.#timeStamp(ARCHIVE_DIGEST, imprint)
    this.#add(structure, archiveTimeStamp(nextId(structure.id, structure.unsigned), token))
  }

  async #store(): Promise<void> {
    const { structure, history } = await this.#read()
    const open = structure.unsigned.slice(history.unprotectedFrom).filter(isValidationData)
    const old = merged(open.map(validationDataIn))
    const collected = await collectFor(this.#options, {
      subjects: history.subjects(),
      brought: [...history.certificates(), ...old.certificates],
    })
    const data = merged([old, collected])
    this.text = withoutProperties(this.text, open)
    await this.#addData(data)
  }

  /** Behind an archive time-stamp the data are about time-stamps, and stand right behind it (5.5.1.2). */
  async #addData(data: ValidationData): Promise<void> {
    const { structure, history } = await this.#read()
    const archivedBy = structure.unsigned[history.unprotectedFrom - 1]
    if (archivedBy === undefined) this.#add(structure, validationDataProperties(data))
    else this.text = withPropertyBehind(this.text, archivedBy, timeStampValidationData(data))
  }

  #timeStamp(digestAlgorithm: DigestAlgorithm, imprint: Uint8Array): Promise<Uint8Array> {
    return timeStampOver({ digestAlgorithm, imprint }, this.#options.timeStamp)
  }

  #add(structure: SignatureStructure, property: Markup): void {
    this.text = withProperty(this.text, structure, property)
  }

  async #read(): Promise<{ document: XmlDocument; structure: SignatureStructure; history: UnsignedHistory }> {
    const document = parseXmlText(this.text)
    const structure = structureOf(signatureById(document, this.#id))
    return { document, structure, history: await readHistory(structure, this.#options.platform) }
  }
}

/** What lasts longest shall not rest on the weakest digest. */
const ARCHIVE_DIGEST = 'sha512'

/** That of the signature: a time-stamp is not to be weaker than it. */
function digestOf({ signedInfo }: SignatureStructure): DigestAlgorithm {
  const uri = attributeOf(onlyChild(signedInfo, [DS, 'SignatureMethod']), 'Algorithm') ?? ''
  const algorithm = signatureByUri(uri)
  if (algorithm === undefined) throw new AdesRefusal('signature-unreadable', 'SignatureMethod')
  return signatureAlgorithms[algorithm].digest
}
