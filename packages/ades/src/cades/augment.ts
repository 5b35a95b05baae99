/**
 * Raises all signers of a CAdES signature to a higher level, or renews the highest: EN 319 122-1 V1.3.1, 5.3 to 5.5 and
 * 6.3.
 *
 * Only by adding: a time-stamp over the signature value (B-T), certificates and revocation information in the SignedData
 * (B-LT), an archive time-stamp over all of it (B-LTA). At B-LTA already, data for the last archive time-stamp and a new
 * one over that.
 */
import { type DigestAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { DerError } from '@natsuin/pki/asn1'
import {
  archiveImprintInput,
  archiveTimeStamp,
  buildHashIndex,
  extendSignedData,
  hashIndexInput,
  ocspResponsesIn,
  ocspRevocationInfo,
  type SignedDataAdditions,
  signatureTimeStamp,
  withHashIndex,
} from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { parseOcspResponse } from '@natsuin/pki/ocsp'
import { digestAlgorithmIdentifier, readableCertificates } from '@natsuin/pki/x509'
import type { AugmentOptions } from '../augment-options.ts'
import type { BaselineLevel } from '../level.ts'
import { AdesRefusal } from '../refusal.ts'
import { firstOf } from '../revocation/first-of.ts'
import { type Content, digestsOf } from '../signing/content.ts'
import { timeStampOver } from '../time-stamping/time-stamp-over.ts'
import type { Subject } from '../validation-data/collect.ts'
import { collectFor } from '../validation-data/collect-for.ts'
import { embeddedRevocation } from '../validation-data/embedded.ts'
import { checkSameContent } from './same-content.ts'
import {
  checkExtensible,
  type History,
  historyOf,
  lastUnitOf,
  openSubjects,
  type SignerHistory,
  stampCertificatesIn,
} from './signer-history.ts'

export interface AugmentCadesOptions extends AugmentOptions {
  /** For B-LTA: what was signed. A stream is used up. */
  readonly content?: Content
}

/**
 * @param signature  in its detached form, DER (`openCades`)
 * @param level      B-LTA is never reached for good: asked again, it renews
 * @returns the same with more in it
 * @throws AdesRefusal `level-already-reached`, `signature-missing`, `signature-unreadable`, `content-missing`,
 *   `content-differs`, `time-stamp-unavailable`, `time-stamp-invalid`, and what `collectValidationData` refuses with
 */
export async function augmentCades(
  signature: Uint8Array,
  level: Exclude<BaselineLevel, 'B-B'>,
  options: AugmentCadesOptions,
): Promise<Uint8Array> {
  const augmentation = new Augmentation(signature, options)
  await augmentation[STEPS[level]]()
  if (augmentation.signature === signature) throw new AdesRefusal('level-already-reached')
  return augmentation.signature
}

const STEPS = { 'B-T': 'toTime', 'B-LT': 'toLasting', 'B-LTA': 'toArchive' } as const

class Augmentation {
  signature: Uint8Array
  readonly #options: AugmentCadesOptions

  constructor(signature: Uint8Array, options: AugmentCadesOptions) {
    this.signature = signature
    this.#options = options
  }

  async toTime(): Promise<void> {
    const attributes = new Map<number, readonly Uint8Array[]>()
    for (const [i, signer] of historyOf(this.signature).signers.entries())
      if (signer.timeStamps.length === 0) attributes.set(i, [await this.#timeStamp(signer)])
    if (attributes.size > 0) this.#extend({ unsignedAttributes: attributes })
  }

  async toLasting(): Promise<void> {
    await this.toTime()
    const history = historyOf(this.signature)
    await this.#addData(history, await this.#openSubjects(history))
  }

  async toArchive(): Promise<void> {
    const [algorithm, contentDigest] = await this.#digestOfContent()
    await this.toTime()
    const before = historyOf(this.signature)
    const subjects = [...(await this.#openSubjects(before)), ...before.signers.flatMap(lastUnitOf)]
    await this.#addData(before, subjects)
    this.#extend({ digestAlgorithms: [digestAlgorithmIdentifier(algorithm)] })
    for (const i of historyOf(this.signature).signers.keys()) await this.#archive(i, algorithm, contentDigest)
  }

  /** A time-stamp over another content would be one over nothing. */
  async #digestOfContent(): Promise<readonly [DigestAlgorithm, Uint8Array]> {
    const { content, platform } = this.#options
    if (content === undefined) throw new AdesRefusal('content-missing')
    const { signerInfos } = historyOf(this.signature).signedData
    const algorithm = archiveDigest(content)
    const signed = signerInfos.flatMap(({ digestAlgorithm }) => digestAlgorithm ?? [])
    const digests = await digestsOf(content, [algorithm, ...signed], platform)
    checkSameContent(signerInfos, digests)
    const digest = digests.get(algorithm)
    if (digest === undefined) throw new AdesRefusal('content-missing')
    return [algorithm, digest]
  }

  async #timeStamp({ signerInfo }: SignerHistory): Promise<Uint8Array> {
    const { platform, timeStamp } = this.#options
    const { signatureAlgorithm, signature } = signerInfo
    if (signatureAlgorithm === undefined) throw new AdesRefusal('signature-unreadable', 'its algorithm')
    const { digest: digestAlgorithm } = signatureAlgorithms[signatureAlgorithm]
    const imprint = await platform.digest(digestAlgorithm, signature)
    return signatureTimeStamp(await timeStampOver({ imprint, digestAlgorithm }, timeStamp))
  }

  async #openSubjects({ signers }: History): Promise<readonly Subject[]> {
    const { platform } = this.#options
    const subjects = await Promise.all(signers.map(signer => openSubjects(signer, platform)))
    return subjects.flat()
  }

  /**
   * Requirements d, o and s: everything that these signers and their time-stamps are validated with. Requirement e: what
   * stands in a time-stamp or an OCSP response is not put in once more.
   */
  async #addData(history: History, subjects: readonly Subject[]): Promise<void> {
    checkExtensible(history)
    const { platform, revocation = firstOf() } = this.#options
    const { signedData } = history
    const present = { ocspResponses: ocspResponsesIn(signedData), crls: signedData.crls }
    const data = await collectFor(
      { ...this.#options, revocation: firstOf(embeddedRevocation(present, platform), revocation) },
      { subjects, brought: certificatesIn(history) },
    )
    const elsewhere = [...stampCertificatesIn(history), ...data.ocspResponses.flatMap(responderCertificates)]
    this.#extend({
      certificates: data.certificates.filter(der => !elsewhere.some(other => equal(der, other))),
      revocationInfos: [...data.crls, ...data.ocspResponses.map(ocspRevocationInfo)],
    })
  }

  /** 5.5.3: over the content, the signature, and by the index everything beside it. */
  async #archive(place: number, digestAlgorithm: DigestAlgorithm, contentDigest: Uint8Array): Promise<void> {
    const { platform, timeStamp } = this.#options
    const { signedData } = historyOf(this.signature)
    const signerInfo = signedData.signerInfos[place]
    if (signerInfo === undefined) throw new DerError('missing-field', 'SignerInfo')
    const index = await buildHashIndex(hashIndexInput(signedData, signerInfo), digestAlgorithm, platform)
    const input = archiveImprintInput(signedData, signerInfo, contentDigest, index)
    const imprint = await platform.digest(digestAlgorithm, input)
    const token = await timeStampOver({ imprint, digestAlgorithm }, timeStamp)
    const attribute = archiveTimeStamp(withHashIndex(token, index))
    this.#extend({ unsignedAttributes: new Map([[place, [attribute]]]) })
  }

  /** The very same bytes where nothing is added. */
  #extend(additions: SignedDataAdditions): void {
    const extended = extendSignedData(this.signature, additions)
    if (extended.length > this.signature.length) this.signature = extended
  }
}

function certificatesIn(history: History): readonly Uint8Array[] {
  return [...history.signedData.certificates, ...stampCertificatesIn(history)]
}

/** Not the authorities beside them, which others are issued by, too: nobody looks for these in there. */
function responderCertificates(response: Uint8Array): readonly Uint8Array[] {
  const parsed = parseOcspResponse(response)
  const certificates = parsed.successful ? readableCertificates(parsed.basic.certificates) : []
  return certificates.filter(({ extensions }) => !extensions.basicConstraints?.ca).map(({ bytes }) => bytes)
}

/**
 * Lasting evidence is for decades: TS 119 312 V2.1.1 advises more than 256 bits beyond twenty years. A content that only
 * a digest is known of leaves no choice.
 */
function archiveDigest(content: Content): DigestAlgorithm {
  return 'digest' in content ? content.digestAlgorithm : 'sha512'
}
