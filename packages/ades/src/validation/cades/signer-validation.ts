/**
 * One signer of a CAdES signature under validation: EN 319 102-1 V1.4.1, 5.3, 5.5 and 5.6.
 *
 * From the outside in: each archive time-stamp that holds proves the time at which what it protects is judged.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import {
  archiveTimeStampsOf,
  readSignerClaims,
  type SignedData,
  type SignerInfo,
  signatureTimeStampsOf,
  verifySignerInfo,
} from '@natsuin/pki/cms'
import { toHex } from '@natsuin/pki/encoding'
import { checkChain, type Trust } from '../certificate-chain.ts'
import { asEnded, signerFacts, type ValidSigner, validSigner } from '../cms-signer.ts'
import { factsOfLasting, judgeMaterial, type LevelMaterial } from '../lasting-material.ts'
import {
  factsOfTimeStamp,
  type JudgedTimeStamp,
  judgeToken,
  type SignatureTimeStamp,
} from '../signature-time-stamp.ts'
import {
  INDICATIONS,
  type PassedFacts,
  type SignatureFacts,
  ValidationEnded,
  type Verdict,
} from '../verdict.ts'
import {
  type ArchivedSigner,
  type ArchiveTimeStamps,
  judgeArchiveTimeStamps,
  protecting,
} from './archive-time-stamps.ts'
import { certificatesInTokens, dataIn } from './indexed-objects.ts'

interface HashedFile {
  readonly signedData: SignedData
  /** Of the content, those that can be had. */
  readonly digests: ReadonlyMap<DigestAlgorithm, Uint8Array>
}

interface OwnTimeStamp extends SignatureTimeStamp {
  /** The archive time-stamps that protect it, the oldest first. */
  readonly around: readonly JudgedTimeStamp[]
}

/** One signer: the checks in their order, and the facts that were established before one of them ended it. */
export class SignerValidation {
  facts: SignatureFacts = {}
  readonly #signerInfo: SignerInfo
  readonly #file: HashedFile
  readonly #trust: Trust

  constructor(signerInfo: SignerInfo, file: HashedFile, trust: Trust) {
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
    const certificates = [...signedData.certificates, ...certificatesInTokens(tokensOf(this.#signerInfo))]
    const archived = { ...this.#file, signerInfo: this.#signerInfo, certificates }
    const archive = await judgeArchiveTimeStamps(archived, this.#trust)
    this.#learn(factsOfArchive(archive))
    const own = await this.#judgeTimeStamps(archived, archive)
    this.#learn(factsOfTimeStamp(own))
    return { ...facts, ...(await this.#judgeSigner(signer, own, { archived, archive })) }
  }

  /** Each time-stamp over the signature value at the time that is proven for itself. */
  async #judgeTimeStamps(
    { certificates }: ArchivedSigner,
    { holding }: ArchiveTimeStamps,
  ): Promise<OwnTimeStamp> {
    let problem: string | undefined
    for (const token of signatureTimeStampsOf(this.#signerInfo)) {
      const around = protecting(holding, OID.signatureTimeStampToken, token)
      const [oldest] = around
      const trust = oldest === undefined ? this.#trust : { ...this.#trust, at: oldest.facts.generatedAt }
      const judged = await judgeToken(token, { content: this.#signerInfo.signature }, certificates, trust)
      if (typeof judged !== 'string') return { timeStamp: judged, problem: undefined, around }
      problem ??= judged
    }
    return { timeStamp: undefined, problem, around: [] }
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
    const anchor = path.at(-1)?.bytes ?? new Uint8Array()
    const trustAnchorSha256 = toHex(await this.#trust.platform.digest('sha256', anchor))
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
    const options = { signingCertificate: 'required' } as const
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

function factsOfArchive({ holding, problems }: ArchiveTimeStamps): SignatureFacts {
  return {
    ...(holding.length === 0 ? {} : { archiveTimeStamps: holding.map(({ facts }) => facts) }),
    ...(problems.length === 0 ? {} : { archiveTimeStampProblems: problems }),
  }
}

/** What ended a validation, as a verdict. */
export function failed(error: unknown, facts: SignatureFacts): Verdict {
  const { subIndication, reason } = asEnded(error)
  return { indication: INDICATIONS[subIndication], subIndication, reason, facts }
}
