/**
 * Validates CAdES signatures, attached or detached, without any code of the path that signs: only `pki` reads the formats
 * for both. EN 319 102-1 V1.4.1, 5.3 (basic signatures) and 5.5 (with time); EN 319 122-1 V1.3.1, 6.3.
 *
 * Each signer is judged by himself: one verdict never speaks for another.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { readSignerClaims, type SignerInfo, verifySignerInfo } from '@natsuin/pki/cms'
import { toHex } from '@natsuin/pki/encoding'
import { parseCertificate } from '@natsuin/pki/x509'
import type { ByteSource } from '../../pdf/byte-source.ts'
import type { Content } from '../../signing/content.ts'
import { checkChain, type Trust } from '../certificate-chain.ts'
import { asEnded, signerFacts, type ValidSigner, validSigner } from '../cms-signer.ts'
import { factsOfTimeStamp, judgeSignatureTimeStamps } from '../signature-time-stamp.ts'
import {
  INDICATIONS,
  type PassedFacts,
  type SignatureFacts,
  ValidationEnded,
  type Verdict,
} from '../verdict.ts'
import type { VerifyOptions } from '../verify-options.ts'
import { contentDigests, openSignatureFile, type SignatureFile } from './signature-file.ts'

export interface VerifyCadesOptions extends VerifyOptions {
  /** What a detached signature is over; none for an attached one. A stream is used up. */
  readonly content?: Content
}

/**
 * A verdict for every signer, in their order; one verdict on the file where it has no signer, or cannot be read.
 *
 * @param source  DER ContentInfo with SignedData (`.p7s`, `.p7m`)
 * @returns throws only when a source or the platform fails
 * @throws DerError when a trust anchor is not a certificate: that is the verifier's mistake, not the signer's
 */
export async function verifyCades(
  source: ByteSource,
  options: VerifyCadesOptions,
): Promise<readonly [Verdict, ...Verdict[]]> {
  const trust = { ...options, trustAnchors: options.trustAnchors.map(parseCertificate) }
  try {
    const { first, others } = await openSigners(source, trust, options.content)
    const verdicts: [Verdict, ...Verdict[]] = [await first.verdict()]
    for (const signer of others) verdicts.push(await signer.verdict())
    return verdicts
  } catch (error) {
    return [failed(error, {})]
  }
}

async function openSigners(source: ByteSource, trust: Trust, content: Content | undefined) {
  const file = await openSignatureFile(source, content)
  const { signerInfos } = file.signedData
  const algorithms = signerInfos.flatMap(({ digestAlgorithm }) => digestAlgorithm ?? [])
  const digests = await contentDigests(file.content, new Set(algorithms), trust.platform)
  const [first, ...others] = signerInfos.map(
    signerInfo => new SignerValidation(signerInfo, { ...file, digests }, trust),
  )
  if (first === undefined) throw new ValidationEnded('FORMAT_FAILURE', 'no-signer')
  return { first, others }
}

function failed(error: unknown, facts: SignatureFacts): Verdict {
  const { subIndication, reason } = asEnded(error)
  return { indication: INDICATIONS[subIndication], subIndication, reason, facts }
}

interface HashedFile extends SignatureFile {
  readonly digests: ReadonlyMap<DigestAlgorithm, Uint8Array>
}

/** One signer: the checks in their order, and the facts that were established before one of them ended it. */
class SignerValidation {
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
    const { certificates } = this.#file.signedData
    const own = await judgeSignatureTimeStamps(signer.signerInfo, certificates, this.#trust)
    this.#learn(factsOfTimeStamp(own))
    const at = own.timeStamp?.facts.generatedAt ?? this.#trust.at
    const level = own.timeStamp === undefined ? 'B-B' : 'B-T'
    this.#learn({ level })
    if (at === undefined) throw new ValidationEnded('NO_POE', 'no time at which to judge')
    const question = { ...this.#trust, certificates, at, purpose: 'signing' as const }
    const anchor = (await checkChain(signer.certificate, question)).at(-1)?.bytes ?? new Uint8Array()
    const trustAnchorSha256 = toHex(await this.#trust.platform.digest('sha256', anchor))
    return { ...this.facts, ...facts, level, trustAnchorSha256 }
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
