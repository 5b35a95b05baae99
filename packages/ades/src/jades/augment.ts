/**
 * Raises the signatures of a JSON signature to a higher level, or renews the highest: TS 119 182-1 V1.2.1, 5.3 and 6.3.
 *
 * What is signed and what an archive time-stamp covers stays as it is. The unsigned values in front of the next archive
 * time-stamp are written with all the validation data there are, old and new, each once.
 */
import { joseAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import type { AugmentOptions } from '../augment-options.ts'
import type { BaselineLevel } from '../level.ts'
import { AdesRefusal } from '../refusal.ts'
import { timeStampOver } from '../time-stamping/time-stamp-over.ts'
import type { ValidationData } from '../validation-data/collect.ts'
import { collectFor } from '../validation-data/collect-for.ts'
import { merged } from '../validation-data/merged.ts'
import { archiveImprint, CANON_ALG, type Stamped } from './archive-imprint.ts'
import { checkSigned } from './check-signed.ts'
import type { DetachedContent } from './content.ts'
import { asText } from './json-values.ts'
import { decodedObject, type Jws, type JwsSignature, readJws, writeJws } from './jws.ts'
import { type JadesHistory, readHistory } from './read-history.ts'
import {
  certificateValues,
  formOf,
  isValidationData,
  revocationValues,
  timeStampContainer,
  type UnsignedForm,
  unsignedElement,
  validationDataIn,
} from './unsigned-values.ts'

export interface AugmentJadesOptions extends AugmentOptions {
  /** For B-LTA of a detached signature: what it is over. */
  readonly content?: DetachedContent
  /** How unsigned values are written where there are none yet; base64url unless said otherwise. */
  readonly unsigned?: UnsignedForm
}

/**
 * The signature with all its signatures at the level at least. A compact one becomes flattened JSON, because compact has
 * no room for unsigned values.
 *
 * @param level  B-LTA is never reached for good: asked again, it renews
 * @throws AdesRefusal `level-already-reached`, `signature-unreadable`, `content-missing`, `content-altered`,
 *   `content-differs`, `time-stamp-unavailable`, `time-stamp-invalid`, and what `collectValidationData` refuses with
 */
export async function augmentJades(
  text: string,
  level: Exclude<BaselineLevel, 'B-B'>,
  options: AugmentJadesOptions,
): Promise<string> {
  const jws = readJws(text)
  const signatures: JwsSignature[] = []
  for (const signature of jws.signatures) {
    const augmentation = new Augmentation(jws, signature, options)
    await augmentation[STEPS[level]]()
    signatures.push(augmentation.signature)
  }
  if (signatures.every((signature, i) => signature === jws.signatures[i]))
    throw new AdesRefusal('level-already-reached')
  const serialization = jws.serialization === 'compact' ? 'flattened' : jws.serialization
  return writeJws({ ...jws, serialization, signatures })
}

const STEPS = { 'B-T': 'toTime', 'B-LT': 'toLasting', 'B-LTA': 'toArchive' } as const

class Augmentation {
  signature: JwsSignature
  readonly #payload: Jws['payload']
  readonly #options: AugmentJadesOptions
  readonly #form: UnsignedForm

  constructor({ payload }: Jws, signature: JwsSignature, options: AugmentJadesOptions) {
    this.signature = signature
    this.#payload = payload
    this.#options = options
    this.#form = formOf(signature.etsiU, options.unsigned ?? 'encoded')
  }

  async toTime(): Promise<void> {
    if (this.#read().history.hasTime) return
    const { platform, timeStamp } = this.#options
    const digestAlgorithm = digestOf(this.signature)
    // 5.3.4: over the base64url text of the signature value.
    const imprint = await platform.digest(digestAlgorithm, utf8(this.signature.signature))
    this.#add('sigTst', timeStampContainer(await timeStampOver({ imprint, digestAlgorithm }, timeStamp)))
  }

  async toLasting(): Promise<void> {
    await this.toTime()
    if (this.#read().history.lacksData) await this.#store()
  }

  async toArchive(): Promise<void> {
    const { platform, timeStamp } = this.#options
    await checkSigned(this.#stamped(), this.#read().signer, platform)
    await this.toTime()
    await this.#store()
    const imprint = await archiveImprint(this.#stamped(), ARCHIVE_DIGEST, platform)
    const token = await timeStampOver({ imprint, digestAlgorithm: ARCHIVE_DIGEST }, timeStamp)
    this.#add('arcTst', timeStampContainer(token, this.#form === 'clear' ? CANON_ALG : undefined))
  }

  #stamped(): Stamped {
    return { payload: this.#payload, signature: this.signature, content: this.#options.content ?? {} }
  }

  async #store(): Promise<void> {
    const read = this.#read()
    const old = read.values.filter(isValidationData).map(validationDataIn)
    const data = await collectFor(this.#options, {
      subjects: read.history.subjects(),
      brought: [...read.history.certificates(), ...old.flatMap(({ certificates }) => certificates)],
    })
    this.#replaceData(read, data)
  }

  /** Behind an archive time-stamp the data are about time-stamps, and stand in tstVD (6.3, requirement k). */
  #replaceData({ values, history }: JadesHistory, collected: ValidationData): void {
    const { unprotectedFrom, isArchived } = history
    const isReplaced = (i: number) => {
      const value = values[i]
      return i >= unprotectedFrom && value !== undefined && isValidationData(value)
    }
    const old = values.filter((_, i) => isReplaced(i)).map(validationDataIn)
    const data = merged([...old, collected])
    const members = { ...certificateValues(data.certificates), ...revocationValues(data) }
    const etsiU = this.signature.etsiU.filter((_, i) => !isReplaced(i))
    this.signature = { ...this.signature, etsiU }
    for (const [name, value] of Object.entries(isArchived ? { tstVD: members } : members))
      this.#add(name, value)
  }

  #add(name: string, value: unknown): void {
    const etsiU = [...this.signature.etsiU, unsignedElement(name, value, this.#form)]
    this.signature = { ...this.signature, etsiU }
  }

  #read(): JadesHistory {
    return readHistory(this.signature)
  }
}

/** What lasts longest shall not rest on the weakest digest. */
const ARCHIVE_DIGEST = 'sha512'

/** That of the signature: a time-stamp is not to be weaker than it. */
function digestOf(signature: JwsSignature) {
  const named = joseAlgorithm(asText(decodedObject(signature.protected)['alg']))
  if (named === undefined) throw new AdesRefusal('signature-unreadable', 'alg')
  return signatureAlgorithms[named.algorithm].digest
}
