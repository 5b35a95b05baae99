/**
 * One signer of a CAdES signature under validation: EN 319 102-1 V1.4.1, 5.3, 5.5 and 5.6.
 *
 * From the outside in: each archive time-stamp that holds proves the time at which what it protects is judged.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import {
  archiveTimeStampsOf,
  counterSignatureValuesOf,
  parseCounterSignature,
  readSignerClaims,
  type SignedData,
  type SignerInfo,
  signatureTimeStampsOf,
  verifySignerInfo,
} from '@natsuin/pki/cms'
import { checkChain, sha256OfAnchor, type Trust } from '../certificate-chain.ts'
import { signerFacts, type ValidSigner, validSigner } from '../cms-signer.ts'
import { checkCountOfTimeStamps } from '../count-of-time-stamps.ts'
import { failed } from '../failed.ts'
import { factsOfLasting, judgeMaterial, type LevelMaterial } from '../lasting-material.ts'
import { factsOfTimeStamp, judgeToken } from '../signature-time-stamp.ts'
import { factsOfArchive, firstToHold, type OwnTimeStamp } from '../stamps-around.ts'
import { type PassedFacts, type SignatureFacts, ValidationEnded, type Verdict } from '../verdict.ts'
import {
  type ArchivedSigner,
  type ArchiveTimeStamps,
  type HoldingArchiveTimeStamp,
  judgeArchiveTimeStamps,
  protecting,
} from './archive-time-stamps.ts'
import { certificatesInTokens, dataIn } from './indexed-objects.ts'

/** What a signer's signature is over, and where it stands. */
export interface SignedThing {
  readonly signedData: SignedData
  /** Of the content, those that can be had. */
  readonly digests: ReadonlyMap<DigestAlgorithm, Uint8Array>
  /**
   * For a counter-signature: the archive time-stamps of the signature it is over that protect it, the oldest first. It has
   * none of its own.
   */
  readonly around?: readonly HoldingArchiveTimeStamp[]
}

/** One signer: the checks in their order, and the facts that were established before one of them ended it. */
export class SignerValidation {
  facts: SignatureFacts = {}
  readonly #signerInfo: SignerInfo
  readonly #file: SignedThing
  readonly #trust: Trust

  constructor(signerInfo: SignerInfo, file: SignedThing, trust: Trust) {
    this.#signerInfo = signerInfo
    this.#file = file
    this.#trust = trust
  }

  async verdict(): Promise<Verdict> {
    try {
      return { indication: 'TOTAL-PASSED', facts: await this.#run() }
    } catch (error) {
      return failed(error, this.facts)
    }
  }

  async #run(): Promise<PassedFacts> {
    const signer = await this.#checkSignature()
    this.#learn(claimsOf(signer))
    const facts = signerFacts(signer)
    this.#learn(facts)
    const { signedData } = this.#file
    const tokens = tokensOf(this.#signerInfo)
    checkCountOfTimeStamps(tokens.length)
    const certificates = [...signedData.certificates, ...certificatesInTokens(tokens)]
    const archived = { ...this.#file, signerInfo: this.#signerInfo, certificates }
    const archive = await this.#judgeArchive(archived)
    await this.#judgeCounterSignatures(archive)
    const own = await this.#judgeTimeStamps(archived, archive)
    this.#learn(factsOfTimeStamp(own))
    return { ...facts, ...(await this.#judgeSigner(signer, own, { archived, archive })) }
  }

  async #judgeArchive(archived: ArchivedSigner): Promise<ArchiveTimeStamps> {
    const { around } = this.#file
    if (around !== undefined) return { holding: around, problems: [] }
    const archive = await judgeArchiveTimeStamps(archived, this.#trust)
    this.#learn(factsOfArchive(archive))
    return archive
  }

  /** Each is a signature of its own, over this one's value; none of them says anything about this one. */
  async #judgeCounterSignatures({ holding }: ArchiveTimeStamps): Promise<void> {
    const verdicts: Verdict[] = []
    for (const value of counterSignatureValuesOf(this.#signerInfo))
      verdicts.push(await this.#judgeCounterSignature(value, holding))
    if (verdicts.length > 0) this.#learn({ counterSignatures: verdicts })
  }

  async #judgeCounterSignature(
    value: Uint8Array,
    holding: readonly HoldingArchiveTimeStamp[],
  ): Promise<Verdict> {
    // What protects this one protects its counter-signatures as a whole (EN 319 122-1 V1.3.1, 5.5.3, note 4).
    const around = this.#file.around ?? protecting(holding, OID.counterSignature, value)
    try {
      const counter = parseCounterSignature(value)
      const digests = await this.#digestsFor(counter)
      return new SignerValidation(counter, { ...this.#file, digests, around }, this.#trust).verdict()
    } catch (error) {
      return failed(error, {})
    }
  }

  async #digestsFor({ digestAlgorithm }: SignerInfo): Promise<SignedThing['digests']> {
    if (digestAlgorithm === undefined) return new Map()
    const digest = await this.#trust.platform.digest(digestAlgorithm, this.#signerInfo.signature)
    return new Map([[digestAlgorithm, digest]])
  }

  /** Over the signature value. */
  #judgeTimeStamps({ certificates }: ArchivedSigner, { holding }: ArchiveTimeStamps): Promise<OwnTimeStamp> {
    const content = this.#signerInfo.signature
    const timeStamps = signatureTimeStampsOf(this.#signerInfo).map(token => ({
      around: this.#file.around ?? protecting(holding, OID.signatureTimeStampToken, token),
      judge: (trust: Trust) => judgeToken(token, { content }, certificates, trust),
    }))
    return firstToHold(timeStamps, this.#trust)
  }

  /** The signer's certificate at the time that is proven, else at the verifier's. */
  async #judgeSigner(
    { certificate }: ValidSigner,
    { timeStamp: time, around }: OwnTimeStamp,
    { archived, archive }: { readonly archived: ArchivedSigner; readonly archive: ArchiveTimeStamps },
  ) {
    const [oldest] = archive.holding
    const at = (time ?? oldest)?.facts.generatedAt ?? this.#trust.at
    this.#learn({ level: time === undefined ? 'B-B' : 'B-T' })
    if (at === undefined) throw new ValidationEnded('NO_POE', 'no time at which to judge')
    const question = { ...this.#trust, certificates: archived.certificates, at, purpose: 'signing' as const }
    const path = await checkChain(certificate, question)
    const lasting = await judgeMaterial(path, time, { materials: this.#materials(archive), around })
    this.#learn(factsOfLasting(lasting))
    const trustAnchorSha256 = await sha256OfAnchor(path, this.#trust.platform)
    return { ...this.facts, level: lasting.level, trustAnchorSha256 }
  }

  /** What archive time-stamps protect, the oldest first; then what nothing protects. */
  #materials({ holding }: ArchiveTimeStamps): readonly LevelMaterial[] {
    const { platform, at } = this.#trust
    const archived = holding.map(({ protects, facts }) => ({
      level: 'B-LTA' as const,
      data: protects.data,
      provenAt: facts.generatedAt,
      platform,
    }))
    const all = { level: 'B-LT' as const, data: dataIn(this.#file.signedData), provenAt: at, platform }
    return [...archived, all].filter(({ data }) => data.ocspResponses.length + data.crls.length > 0)
  }

  /** Cryptographic verification (5.2.7) with the identification of the signing certificate (5.2.3). */
  async #checkSignature(): Promise<ValidSigner> {
    const { signedData, digests } = this.#file
    const { digestAlgorithm } = this.#signerInfo
    const messageDigest = digestAlgorithm && digests.get(digestAlgorithm)
    if (digestAlgorithm !== undefined && messageDigest === undefined)
      throw new ValidationEnded('SIGNED_DATA_NOT_FOUND', `no digest by ${digestAlgorithm}`)
    // With an algorithm that is not ours there is no digest, and it is refused before one is needed.
    const content = { messageDigest: messageDigest ?? new Uint8Array() }
    const counterSignature = this.#file.around !== undefined
    const options = { signingCertificate: 'required', counterSignature } as const
    return validSigner(
      await verifySignerInfo(signedData, this.#signerInfo, content, this.#trust.platform, options),
    )
  }

  #learn(facts: SignatureFacts): void {
    this.facts = { ...this.facts, ...facts }
  }
}

/** EN 319 122-1 V1.3.1, 6.3, table 1: signing-time is there; the rest may be. */
function claimsOf({ signedAttributes }: ValidSigner): SignatureFacts {
  const { signingTime } = signedAttributes
  if (signingTime === undefined) throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'no signing-time')
  return { claimedSigningTime: signingTime, claims: readSignerClaims(signedAttributes) }
}

function tokensOf(signerInfo: SignerInfo): readonly Uint8Array[] {
  return [...signatureTimeStampsOf(signerInfo), ...archiveTimeStampsOf(signerInfo)]
}
