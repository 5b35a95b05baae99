/**
 * Validates XAdES signatures, without any code of the path that signs: only `pki` and the reader of XML serve both.
 * EN 319 102-1 V1.4.1, 5.3 (basic signatures), 5.5 (with time) and 5.6 (with archive data).
 *
 * "See what is signed": a verdict comes with the octets that were verified, and nothing else in the document is vouched
 * for by it.
 */
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import type { ByteSource } from '../../pdf/byte-source.ts'
import { descendantsOf, isNamed, type XmlDocument, type XmlElement } from '../../xml/node.ts'
import { parseXml } from '../../xml/parse.ts'
import { XmlRefusal } from '../../xml/refusal.ts'
import { checkChain, sha256OfAnchor, type Trust } from '../certificate-chain.ts'
import { checkCountOfTimeStamps } from '../count-of-time-stamps.ts'
import { failed } from '../failed.ts'
import { factsOfLasting, judgeMaterial, type LevelMaterial } from '../lasting-material.ts'
import { factsOfTimeStamp } from '../signature-time-stamp.ts'
import { factsOfArchive, provenBy } from '../stamps-around.ts'
import { ValidationEnded } from '../verdict.ts'
import type { VerifyOptions } from '../verify-options.ts'
import { type CheckedReferences, checkReferences } from './check-references.ts'
import { checkValue } from './check-value.ts'
import { ElementsById } from './ids.ts'
import { childOf, DS, malformed, partsOf, type SignatureParts, XADES } from './signature-parts.ts'
import type { SignedDocument } from './signed-content.ts'
import { claimedSigningTime, signedText, signingCertificate } from './signed-properties.ts'
import {
  covering,
  type HoldingTimeStamp,
  isTimeStamp,
  judgeArchiveTimeStamps,
  judgeSignatureTimeStamps,
} from './time-stamps.ts'
import { dataIn } from './unsigned-data.ts'
import type { PassedXadesFacts, XadesFacts, XadesVerdict } from './xades-verdict.ts'

export interface VerifyXadesOptions extends VerifyOptions {
  /** Detached objects by the URI that a signature names them by; nothing is fetched (T-XML-11). */
  readonly detached?: (uri: string) => ByteSource | undefined
}

/**
 * A verdict on each signature of the document, in their order; on a document that is not XML or has none, one that says
 * so.
 *
 * @throws DerError when a trust anchor is not a certificate: that is the verifier's mistake, not the document's
 */
export async function verifyXades(
  bytes: Uint8Array,
  { trustAnchors, detached, ...options }: VerifyXadesOptions,
): Promise<readonly XadesVerdict[]> {
  const trust = { ...options, trustAnchors: trustAnchors.map(parseCertificate) }
  try {
    const document = read(bytes)
    const signatures = outermost(document)
    if (signatures.length === 0) throw malformed('no signature')
    const signed = { document, byId: new ElementsById(document.root), detached }
    const verdicts: XadesVerdict[] = []
    for (const element of signatures) verdicts.push(await verdictOn(element, { ...ALONE, signed, trust }))
    return verdicts
  } catch (error) {
    return [failed(error, {})]
  }
}

/** Signatures that are in no other one. */
function outermost({ root }: XmlDocument): readonly XmlElement[] {
  const all = new Set([...descendantsOf(root)].filter(one => isNamed(one, [DS, 'Signature'])))
  const isInside = ({ parent }: XmlElement): boolean => {
    for (let one = parent; one !== undefined; one = one.parent) if (all.has(one)) return true
    return false
  }
  return [...all].filter(one => !isInside(one))
}

/** What a signature stands in: for a counter-signature, the signature around it. */
interface Surroundings {
  readonly signed: SignedDocument
  readonly trust: Trust
  readonly counterSigned: XmlElement | undefined
  /** The data around it, the best first. */
  readonly materials: readonly LevelMaterial[]
  readonly certificates: readonly Uint8Array[]
  /** The time-stamps around it that hold and cover it, the oldest first. */
  readonly around: readonly HoldingTimeStamp[]
}

const ALONE = { counterSigned: undefined, materials: [], certificates: [], around: [] } as const

async function verdictOn(element: XmlElement, surroundings: Surroundings): Promise<XadesVerdict> {
  const validation = new Validation(element, surroundings)
  try {
    return { indication: 'TOTAL-PASSED', facts: await validation.run() }
  } catch (error) {
    return failed(error, validation.facts)
  }
}

/** What the reader refuses is a format failure. */
function read(bytes: Uint8Array): XmlDocument {
  try {
    return parseXml(bytes)
  } catch (error) {
    if (error instanceof XmlRefusal) throw new ValidationEnded('FORMAT_FAILURE', error.message)
    throw error
  }
}

/** One run: the checks in their order, and the facts that were established before one of them ended it. */
class Validation {
  facts: XadesFacts = {}
  readonly #element: XmlElement
  readonly #surroundings: Surroundings

  constructor(element: XmlElement, surroundings: Surroundings) {
    this.#element = element
    this.#surroundings = surroundings
  }

  async run(): Promise<PassedXadesFacts> {
    const { signed, trust, counterSigned } = this.#surroundings
    const parts = partsOf(this.#element)
    if (signed.byId.get(parts.id) !== parts.element) throw malformed('Id of the signature')
    this.#learn({ signatureId: parts.id, claimedSigningTime: claimedSigningTime(parts) })
    const certificate = await signingCertificate(parts, trust.platform)
    const checked = { ...signed, counterSigned }
    const contents = await checkReferences(parts, checked, trust.platform)
    await checkValue(parts, certificate, trust.platform)
    const signer = { signer: certificate.subject.text, signingCertificate: certificate.bytes }
    const signedProperties = signedText(parts)
    const known = { ...signer, signatureId: parts.id, contents, signedProperties }
    this.#learn(known)
    return { ...known, ...(await this.#judgeSigner(certificate, parts, checked)) }
  }

  /** The signer's certificate at the time that is proven, else at the verifier's. */
  async #judgeSigner(certificate: Certificate, parts: SignatureParts, checked: CheckedReferences) {
    const { trust, around: outside, materials: others } = this.#surroundings
    const certificates = this.#certificates(parts)
    checkCountOfTimeStamps(parts.unsigned.filter(isTimeStamp).length)
    const stamped = { parts, signed: checked, certificates }
    const archive = await judgeArchiveTimeStamps(stamped, provenBy(outside[0], trust))
    this.#learn(factsOfArchive(archive))
    await this.#judgeCounterSignatures(parts, archive.holding)
    const { holding } = archive
    const own = await judgeSignatureTimeStamps(stamped, { holding, outside }, trust)
    this.#learn(factsOfTimeStamp(own))
    const { timeStamp: time, around } = own
    const at = (time ?? holding[0] ?? outside[0])?.facts.generatedAt ?? trust.at
    this.#learn({ level: time === undefined ? 'B-B' : 'B-T' })
    if (at === undefined) throw new ValidationEnded('NO_POE', 'no time at which to judge')
    const path = await checkChain(certificate, { ...trust, certificates, at, purpose: 'signing' })
    const materials = [...materialsIn(parts, holding, trust), ...others]
    const lasting = await judgeMaterial(path, time, { materials, around })
    this.#learn(factsOfLasting(lasting))
    return {
      ...this.facts,
      level: lasting.level,
      trustAnchorSha256: await sha256OfAnchor(path, trust.platform),
    }
  }

  /** Whatever may help to build a path; trusted for nothing. */
  #certificates(parts: SignatureParts): readonly Uint8Array[] {
    const { certificates } = dataIn(parts.unsigned)
    return [...parts.certificates, ...certificates, ...this.#surroundings.certificates]
  }

  /** Each with the archive time-stamps behind it. */
  async #judgeCounterSignatures(parts: SignatureParts, holding: readonly HoldingTimeStamp[]): Promise<void> {
    const { signed, trust } = this.#surroundings
    const inside = {
      signed,
      trust,
      counterSigned: parts.signatureValue,
      certificates: this.#certificates(parts),
    }
    const verdicts: XadesVerdict[] = []
    for (const [position, property] of parts.unsigned.entries()) {
      if (!isNamed(property, [XADES, 'CounterSignature'])) continue
      const around = covering(holding, position)
      const materials = materialsIn(parts, around, trust)
      verdicts.push(await verdictOn(childOf(property, [DS, 'Signature']), { ...inside, around, materials }))
    }
    if (verdicts.length > 0) this.#learn({ counterSignatures: verdicts })
  }

  #learn(facts: XadesFacts): void {
    this.facts = { ...this.facts, ...facts }
  }
}

/** What archive time-stamps protect, the oldest first; then what nothing protects. */
function materialsIn(
  { unsigned }: SignatureParts,
  holding: readonly HoldingTimeStamp[],
  { platform, at }: Trust,
): readonly LevelMaterial[] {
  const protectedData = holding.map(({ position, facts }) => ({
    level: 'B-LTA' as const,
    data: dataIn(unsigned.slice(0, position)),
    provenAt: facts.generatedAt,
    platform,
  }))
  const all = { level: 'B-LT' as const, data: dataIn(unsigned), provenAt: at, platform }
  return [...protectedData, all].filter(({ data }) => data.ocspResponses.length + data.crls.length > 0)
}
