/**
 * Validates CAdES signatures, attached or detached, without any code of the path that signs: only `pki` reads the formats
 * for both. EN 319 102-1 V1.4.1, 5.3 (basic signatures), 5.5 (with time) and 5.6 (with archive data); EN 319 122-1 V1.3.1,
 * 6.3.
 *
 * Each signer is judged by himself: one verdict never speaks for another.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { archiveTimeStampsOf, type SignerInfo } from '@natsuin/pki/cms'
import { parseCertificate } from '@natsuin/pki/x509'
import type { ByteSource } from '../../pdf/byte-source.ts'
import type { Content } from '../../signing/content.ts'
import type { Trust } from '../certificate-chain.ts'
import { failed } from '../failed.ts'
import { tstInfoIn } from '../tst-info-in.ts'
import { ValidationEnded, type Verdict } from '../verdict.ts'
import type { VerifyOptions } from '../verify-options.ts'
import { contentDigests, openSignatureFile } from './signature-file.ts'
import { SignerValidation } from './signer-validation.ts'

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
  const digests = await contentDigests(file.content, algorithmsOf(signerInfos), trust.platform)
  const [first, ...others] = signerInfos.map(
    signerInfo => new SignerValidation(signerInfo, { ...file, digests }, trust),
  )
  if (first === undefined) throw new ValidationEnded('FORMAT_FAILURE', 'no-signer')
  return { first, others }
}

/** Those of the signatures, and those of the archive time-stamps, which are over the content too. */
function algorithmsOf(signerInfos: readonly SignerInfo[]): ReadonlySet<DigestAlgorithm> {
  const archived = signerInfos.flatMap(archiveTimeStampsOf)
  return new Set([
    ...signerInfos.flatMap(({ digestAlgorithm }) => digestAlgorithm ?? []),
    ...archived.flatMap(token => tstInfoIn(token)?.imprint.digestAlgorithm ?? []),
  ])
}
