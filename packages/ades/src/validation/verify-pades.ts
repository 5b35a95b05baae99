/**
 * Validates the PAdES signature that covers a whole PDF, without any code of the path that signs: only `pki`
 * reads the formats for both. EN 319 102-1 V1.4.1, 5.3 (basic signatures) and 5.4 (time-stamps).
 *
 * What is not checked is said in the result's type, not hidden: revocation and policies come with long-term levels.
 */
import { DerError, leadingElement, OID } from '@natsuin/pki/asn1'
import {
  parseSignedData,
  type SignedData,
  type SignerProblem,
  type SignerVerdict,
  verifySignedData,
} from '@natsuin/pki/cms'
import { toHex } from '@natsuin/pki/encoding'
import type { Platform, StreamingDigest } from '@natsuin/pki/platform'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import type { ByteSource } from '../pdf/byte-source.ts'
import { checkChain, type Trust } from './certificate-chain.ts'
import { type FoundSignature, findSignature } from './find-signature.ts'
import { judgeTimeStamps } from './signature-time-stamp.ts'
import {
  INDICATIONS,
  type PassedFacts,
  type SignatureFacts,
  type SubIndication,
  ValidationEnded,
  type Verdict,
} from './verdict.ts'

export interface VerifyPadesOptions {
  readonly platform: Platform
  /** Certificates that are trusted, DER each; nothing in the document adds to them. */
  readonly trustAnchors: readonly Uint8Array[]
  /**
   * The time at which the verifier judges. Without it only a time-stamp can give a time, and a signature without
   * one is INDETERMINATE / NO_POE.
   */
  readonly at?: Date
}

/**
 * The verdict on the signature that covers the file to its end. For an earlier signature of the same document
 * give the file up to the end of its revision (`prefixSource`).
 *
 * @returns a verdict for every document; throws only when the source or the platform fails
 * @throws DerError when a trust anchor is not a certificate: that is the verifier's mistake, not the document's
 */
export async function verifyPades(source: ByteSource, options: VerifyPadesOptions): Promise<Verdict> {
  const trustAnchors = options.trustAnchors.map(parseCertificate)
  const validation = new Validation(source, { ...options, trustAnchors })
  try {
    return { indication: 'TOTAL-PASSED', facts: await validation.run() }
  } catch (error) {
    const { subIndication, reason } = asEnded(error)
    return { indication: INDICATIONS[subIndication], subIndication, reason, facts: validation.facts }
  }
}

type ValidSigner = Extract<SignerVerdict, { valid: true }>

/** One run: the checks in their order, and the facts that were established before one of them ended it. */
class Validation {
  facts: SignatureFacts = {}
  readonly #source: ByteSource
  readonly #options: Trust

  constructor(source: ByteSource, options: Trust) {
    this.#source = source
    this.#options = options
  }

  async run(): Promise<PassedFacts> {
    const found = await findSignature(this.#source)
    this.#learn(found.claimedSigningTime && { claimedSigningTime: found.claimedSigningTime })
    const signedData = signedDataOf(found)
    const signature = await checkSignature(this.#source, found, signedData, this.#options.platform)
    const signer = signerFacts(signature)
    this.#learn(signer)
    const { certificates } = signedData
    const timeStamp = await judgeTimeStamps(signature.signerInfo, certificates, this.#options)
    this.#learn(timeStamp.facts)
    const trustAnchorSha256 = await this.#anchorOf(signature.certificate, certificates)
    return { ...this.facts, ...signer, level: timeStamp.level, trustAnchorSha256 }
  }

  /** At the time that is proven, else at the verifier's. */
  async #anchorOf(leaf: Certificate, certificates: readonly Uint8Array[]): Promise<string> {
    const at = this.facts.timeStamp?.generatedAt ?? this.#options.at
    if (at === undefined) throw new ValidationEnded('NO_POE', 'no time at which to judge')
    const anchor = await checkChain(leaf, { ...this.#options, certificates, at, purpose: 'signing' })
    return toHex(await this.#options.platform.digest('sha256', anchor))
  }

  #learn(facts: SignatureFacts | undefined): void {
    this.facts = { ...this.facts, ...facts }
  }
}

function signerFacts({ certificate, signedAttributes, signerInfo }: ValidSigner) {
  return {
    signer: certificate.subject.text,
    signingCertificate: certificate.bytes,
    signedAttributes: signedAttributes.bytes,
    signatureValue: signerInfo.signature,
  }
}

/** The CMS is followed by the zeros that were left of its space, and by nothing else. */
function signedDataOf({ contents }: FoundSignature): SignedData {
  const der = leadingElement(contents)
  if (contents.subarray(der.length).some(byte => byte !== 0)) {
    throw new ValidationEnded('FORMAT_FAILURE', 'something other than zeros follows the CMS')
  }
  return parseSignedData(der)
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
  const verdict = await verifySignedData(signedData, { messageDigest }, platform, {
    signingCertificate: 'required',
  })
  if (!verdict.valid) throw new ValidationEnded(SIGNER_PROBLEMS[verdict.problem], verdict.problem)
  // EN 319 142-1 V1.2.1, 6.3: the time is in M, and shall not be in the CMS as well.
  if (verdict.signedAttributes.signingTime !== undefined) {
    throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'signing-time attribute')
  }
  return verdict
}

const SIGNER_PROBLEMS: Readonly<Record<SignerProblem, SubIndication>> = {
  'no-signer': 'FORMAT_FAILURE',
  'several-signers': 'FORMAT_FAILURE',
  'algorithm-unsupported': 'CRYPTO_CONSTRAINTS_FAILURE',
  'algorithms-disagree': 'FORMAT_FAILURE',
  'signed-attributes-missing': 'FORMAT_FAILURE',
  'content-type-mismatch': 'FORMAT_FAILURE',
  'content-missing': 'FORMAT_FAILURE',
  'content-ambiguous': 'FORMAT_FAILURE',
  'message-digest-mismatch': 'HASH_FAILURE',
  'certificate-missing': 'NO_SIGNING_CERTIFICATE_FOUND',
  'signing-certificate-missing': 'SIG_CONSTRAINTS_FAILURE',
  'signing-certificate-mismatch': 'NO_SIGNING_CERTIFICATE_FOUND',
  'key-unacceptable': 'CRYPTO_CONSTRAINTS_FAILURE',
  'signature-invalid': 'SIG_CRYPTO_FAILURE',
}

const PIECE = 256 * 1024

async function digestAround(
  source: ByteSource,
  { gapStart, gapEnd }: FoundSignature,
  digest: StreamingDigest,
): Promise<Uint8Array> {
  for (const [start, end] of [[0, gapStart] as const, [gapEnd, source.size] as const]) {
    for (let at = start; at < end; at += PIECE)
      digest.update(await source.read(at, Math.min(PIECE, end - at)))
  }
  return digest.finish()
}

/** What the parsers of `pki` refuse is a format failure; anything else that is thrown is a fault. */
function asEnded(error: unknown): ValidationEnded {
  if (error instanceof ValidationEnded) return error
  if (error instanceof DerError) return new ValidationEnded('FORMAT_FAILURE', `CMS: ${error.reason}`)
  throw error
}
