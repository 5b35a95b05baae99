/**
 * Whether a SignerInfo is a signature over a content (RFC 5652, 5.4 and 5.6), as a value.
 *
 * This answers the cryptographic question only: who the certificate belongs to and whether it may sign is for
 * `path`. Signed attributes are always required, so that no content can be passed off as attributes or the reverse.
 */
import type { DigestAlgorithm, SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { signatureAlgorithms } from '../algorithms/algorithms.ts'
import { equal } from '../encoding/bytes.ts'
import type { Platform } from '../platform/index.ts'
import { type Certificate, readableCertificates } from '../x509/certificate.ts'
import { isAcceptableKey } from '../x509/public-key.ts'
import type { SignedAttributes } from './attributes.ts'
import { identifies, type SignedData, type SignerInfo } from './signed-data.ts'
import { isSigningCertificate } from './signing-certificate.ts'

export type SignerProblem =
  | 'no-signer'
  | 'several-signers'
  | 'algorithm-unsupported'
  | 'algorithms-disagree'
  | 'signed-attributes-missing'
  | 'content-type-mismatch'
  | 'content-missing'
  | 'content-ambiguous'
  | 'message-digest-mismatch'
  | 'certificate-missing'
  | 'signing-certificate-missing'
  | 'signing-certificate-mismatch'
  | 'key-unacceptable'
  | 'signature-invalid'

export type SignerVerdict =
  | {
      readonly valid: true
      readonly signerInfo: SignerInfo
      readonly signedAttributes: SignedAttributes
      readonly certificate: Certificate
    }
  | { readonly valid: false; readonly problem: SignerProblem }

/** What was signed: the content itself, its digest (with the signer's digest algorithm), or what SignedData carries. */
export type SignedContent =
  | { readonly content: Uint8Array }
  | { readonly messageDigest: Uint8Array }
  | 'encapsulated'

export interface SignerOptions {
  /** Certificates beside those in the message, DER each. */
  readonly certificates?: readonly Uint8Array[]
  /** CAdES, PAdES and RFC 5816 demand signing-certificate-v2; plain CMS does not. */
  readonly signingCertificate?: 'required' | 'optional'
  /**
   * What is signed is another signature's value: there is no content type, and the digest algorithm is not announced in
   * the SignedData (RFC 5652, 11.4).
   */
  readonly counterSignature?: boolean
}

/**
 * Verifies the only signer of a SignedData.
 *
 * @returns the certificate that verified it, or the first problem found; never throws for bad input
 */
export async function verifySignedData(
  signedData: SignedData,
  content: SignedContent,
  platform: Platform,
  options: SignerOptions = {},
): Promise<SignerVerdict> {
  const [signerInfo, ...others] = signedData.signerInfos
  if (signerInfo === undefined) return { valid: false, problem: 'no-signer' }
  if (others.length > 0) return { valid: false, problem: 'several-signers' }
  return verifySignerInfo(signedData, signerInfo, content, platform, options)
}

/** Verifies one signer; with several, ask once for each: one result never speaks for another. */
export async function verifySignerInfo(
  signedData: SignedData,
  signerInfo: SignerInfo,
  content: SignedContent,
  platform: Platform,
  options: SignerOptions = {},
): Promise<SignerVerdict> {
  const algorithms = algorithmsOf(signedData, signerInfo, options)
  if (typeof algorithms === 'string') return { valid: false, problem: algorithms }
  const { signedAttributes } = signerInfo
  if (signedAttributes === undefined) return { valid: false, problem: 'signed-attributes-missing' }
  const certificate = certificateOfSigner(signedData, signerInfo, options.certificates)
  const problem =
    problemOfAttributes(signedData, signerInfo, signedAttributes, options) ??
    (await problemOfContent(signedData, signedAttributes, content, algorithms.digest, platform)) ??
    (await problemOfCertificate(signedAttributes, certificate, platform, options))
  if (problem !== undefined) return { valid: false, problem }
  if (certificate === undefined) return { valid: false, problem: 'certificate-missing' }
  const { spki } = certificate
  const { signature } = signerInfo
  const { bytes: data } = signedAttributes
  const holds = await platform.verify({ algorithm: algorithms.signature, spki, data, signature })
  if (!holds) return { valid: false, problem: 'signature-invalid' }
  return { valid: true, signerInfo, signedAttributes, certificate }
}

interface Algorithms {
  readonly digest: DigestAlgorithm
  readonly signature: SignatureAlgorithm
}

/** The message names its algorithms in three places; a signature whose names disagree is refused. */
function algorithmsOf(
  signedData: SignedData,
  signerInfo: SignerInfo,
  { counterSignature = false }: SignerOptions,
): Algorithms | SignerProblem {
  const { digestAlgorithm: digest, signatureAlgorithm: signature } = signerInfo
  if (digest === undefined || signature === undefined) return 'algorithm-unsupported'
  const announced = counterSignature || signedData.digestAlgorithms.includes(digest)
  const agree = announced && signatureAlgorithms[signature].digest === digest
  return agree ? { digest, signature } : 'algorithms-disagree'
}

function problemOfAttributes(
  signedData: SignedData,
  signerInfo: SignerInfo,
  attributes: SignedAttributes,
  { counterSignature = false }: SignerOptions,
): SignerProblem | undefined {
  const contentType = counterSignature ? undefined : signedData.contentType
  if (attributes.contentType !== contentType) return 'content-type-mismatch'
  return isProtected(attributes, signerInfo) ? undefined : 'algorithms-disagree'
}

/** RFC 6211, 3: where the attribute is, both algorithms in it are the signer's, octet for octet. */
function isProtected({ algorithmProtection }: SignedAttributes, { algorithmBytes }: SignerInfo): boolean {
  if (algorithmProtection === undefined) return true
  const { digest, signature } = algorithmProtection
  return equal(digest, algorithmBytes.digest) && equal(signature, algorithmBytes.signature)
}

async function problemOfContent(
  signedData: SignedData,
  attributes: SignedAttributes,
  content: SignedContent,
  algorithm: DigestAlgorithm,
  platform: Platform,
): Promise<SignerProblem | undefined> {
  const digest = await messageDigestOf(signedData, content, algorithm, platform)
  if (typeof digest === 'string') return digest
  return equal(digest, attributes.messageDigest) ? undefined : 'message-digest-mismatch'
}

/** A content inside and another one outside would let a signature over one be shown for the other. */
async function messageDigestOf(
  signedData: SignedData,
  content: SignedContent,
  algorithm: DigestAlgorithm,
  platform: Platform,
): Promise<Uint8Array | SignerProblem> {
  if (content === 'encapsulated') {
    return signedData.content === undefined
      ? 'content-missing'
      : platform.digest(algorithm, signedData.content)
  }
  if (signedData.content !== undefined) return 'content-ambiguous'
  return 'content' in content ? platform.digest(algorithm, content.content) : content.messageDigest
}

/**
 * The certificate that a signer is identified by; `undefined` where it is not at hand. That it is his is only said,
 * until the signature is verified.
 *
 * @param certificates  beside those in the message, DER each
 */
export function certificateOfSigner(
  signedData: SignedData,
  signerInfo: SignerInfo,
  certificates: readonly Uint8Array[] = [],
): Certificate | undefined {
  return readableCertificates([...signedData.certificates, ...certificates]).find(certificate =>
    identifies(signerInfo.identifier, certificate),
  )
}

async function problemOfCertificate(
  { signingCertificate }: SignedAttributes,
  certificate: Certificate | undefined,
  platform: Platform,
  options: SignerOptions,
): Promise<SignerProblem | undefined> {
  if (certificate === undefined) return 'certificate-missing'
  if (!isAcceptableKey(certificate.publicKey)) return 'key-unacceptable'
  if (signingCertificate === undefined) {
    return options.signingCertificate === 'optional' ? undefined : 'signing-certificate-missing'
  }
  const same = await isSigningCertificate(signingCertificate, certificate, platform)
  return same ? undefined : 'signing-certificate-mismatch'
}
