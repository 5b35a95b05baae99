/**
 * Validates the last PAdES signature of a PDF, without any code of the path that signs: only `pki` reads the formats
 * for both. EN 319 102-1 V1.4.1, 5.3 (basic signatures), 5.5 (with time) and 5.6 (with archive data).
 *
 * From the outside in: each document time-stamp that holds proves the time at which what it covers is judged.
 */
import { OID } from '@natsuin/pki/asn1'
import { parseSignedData, type SignedData, verifySignedData } from '@natsuin/pki/cms'
import type { Platform } from '@natsuin/pki/platform'
import { parseCertificate } from '@natsuin/pki/x509'
import type { ByteSource } from '../pdf/byte-source.ts'
import { checkChain, sha256OfAnchor, type Trust } from './certificate-chain.ts'
import { signerFacts, type ValidSigner, validSigner } from './cms-signer.ts'
import { cmsOf, digestAround } from './covered-bytes.ts'
import {
  type DocumentTimeStamps,
  judgeDocumentTimeStamps,
  type StampedDocument,
} from './document-time-stamps.ts'
import { failed } from './failed.ts'
import type { FoundSignature } from './find-signature.ts'
import { judgeLasting } from './lasting.ts'
import { factsOfLasting } from './lasting-material.ts'
import { findLayers } from './layers.ts'
import { factsOfTimeStamp, judgeSignatureTimeStamps } from './signature-time-stamp.ts'
import { storedDataAt } from './stored-data.ts'
import { type OpenRevision, revisionsOf } from './structure/revision.ts'
import { type PassedFacts, type SignatureFacts, ValidationEnded, type Verdict } from './verdict.ts'
import type { VerifyOptions } from './verify-options.ts'

export interface VerifyPadesOptions extends VerifyOptions {
  /**
   * Opens an encrypted document: the user's or the owner's, which may be empty. Without it what was appended behind a
   * signature cannot be judged, and such a document is INDETERMINATE / GENERIC.
   */
  readonly password?: string | undefined
}

/**
 * The verdict on the last signature of the file, behind which nothing may stand but its validation data and document
 * time-stamps. For an earlier signature of the same document give the file up to the end of its revision
 * (`prefixSource`).
 *
 * @returns a verdict for every document; throws only when the source or the platform fails
 * @throws DerError when a trust anchor is not a certificate: that is the verifier's mistake, not the document's
 */
export async function verifyPades(source: ByteSource, options: VerifyPadesOptions): Promise<Verdict> {
  const trustAnchors = options.trustAnchors.map(parseCertificate)
  const { password, ...trust } = options
  const validation = new Validation(source, revisionsOf(source, password), { ...trust, trustAnchors })
  try {
    return { indication: 'TOTAL-PASSED', facts: await validation.run() }
  } catch (error) {
    return failed(error, validation.facts)
  }
}

/** One run: the checks in their order, and the facts that were established before one of them ended it. */
class Validation {
  facts: SignatureFacts = {}
  readonly #source: ByteSource
  readonly #open: OpenRevision
  readonly #options: Trust

  constructor(source: ByteSource, open: OpenRevision, options: Trust) {
    this.#source = source
    this.#open = open
    this.#options = options
  }

  async run(): Promise<PassedFacts> {
    const { signature: found, timeStamps } = await findLayers(this.#source, this.#open)
    this.#learn(found.claimedSigningTime && { claimedSigningTime: found.claimedSigningTime })
    const signedData = signedDataOf(found)
    const signature = await checkSignature(this.#source, found, signedData, this.#options.platform)
    const signer = signerFacts(signature)
    this.#learn(signer)
    const certificates = await this.#material(signedData, found)
    const [source, open] = [this.#source, this.#open]
    const document = { source, open, signatureEnd: found.end, timeStamps, certificates }
    const stamps = await judgeDocumentTimeStamps(document, this.#options)
    this.#learn(factsOfDocumentTimeStamps(stamps))
    return { ...signer, ...(await this.#judgeSigner(signature, document, stamps)) }
  }

  /** Whatever may help to build a path; trusted for nothing. */
  async #material({ certificates }: SignedData, { end }: FoundSignature): Promise<readonly Uint8Array[]> {
    const { size } = this.#source
    const stored = size > end ? await storedDataAt(this.#open, size) : undefined
    return [...certificates, ...(stored?.certificates ?? [])]
  }

  /** The signer's certificate at the time that is proven, else at the verifier's. */
  async #judgeSigner(
    { certificate, signerInfo }: ValidSigner,
    document: StampedDocument,
    stamps: DocumentTimeStamps,
  ) {
    const [oldest] = stamps.holding
    const proven = oldest === undefined ? this.#options : { ...this.#options, at: oldest.facts.generatedAt }
    const own = await judgeSignatureTimeStamps(signerInfo, document.certificates, proven)
    this.#learn(factsOfTimeStamp(own))
    const time = own.timeStamp ?? oldest
    const at = time?.facts.generatedAt ?? this.#options.at
    this.#learn({ level: time === undefined ? 'B-B' : 'B-T' })
    if (at === undefined) throw new ValidationEnded('NO_POE', 'no time at which to judge')
    const question = {
      ...this.#options,
      certificates: document.certificates,
      at,
      purpose: 'signing' as const,
    }
    const path = await checkChain(certificate, question)
    const lasting = await judgeLasting(path, time, { document, stamps, trust: this.#options })
    this.#learn(factsOfLasting(lasting))
    return {
      ...this.facts,
      level: lasting.level,
      trustAnchorSha256: await sha256OfAnchor(path, this.#options.platform),
    }
  }

  #learn(facts: SignatureFacts | undefined): void {
    this.facts = { ...this.facts, ...facts }
  }
}

function factsOfDocumentTimeStamps({ holding, problems }: DocumentTimeStamps): SignatureFacts {
  return {
    ...(holding.length === 0 ? {} : { documentTimeStamps: holding.map(({ facts }) => facts) }),
    ...(problems.length === 0 ? {} : { documentTimeStampProblems: problems }),
  }
}

function signedDataOf(found: FoundSignature): SignedData {
  return parseSignedData(cmsOf(found))
}

/** Cryptographic verification (5.2.7) with the identification of the signing certificate (5.2.3). */
async function checkSignature(
  source: ByteSource,
  found: FoundSignature,
  signedData: SignedData,
  platform: Platform,
): Promise<ValidSigner> {
  if (signedData.contentType !== OID.data)
    throw new ValidationEnded('FORMAT_FAILURE', 'content type of the CMS')
  const algorithm = signedData.signerInfos[0]?.digestAlgorithm ?? 'sha256'
  const messageDigest = await digestAround(source, found, platform.stream(algorithm))
  const options = { signingCertificate: 'required' } as const
  const verdict = validSigner(await verifySignedData(signedData, { messageDigest }, platform, options))
  // EN 319 142-1 V1.2.1, 6.3: the time is in M, and shall not be in the CMS as well.
  if (verdict.signedAttributes.signingTime !== undefined) {
    throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'signing-time attribute')
  }
  return verdict
}
