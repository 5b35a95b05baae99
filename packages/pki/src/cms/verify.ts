/**
 * Whether a SignerInfo is a signature over a content (RFC 5652, 5.4 and 5.6), as a value.
 *
 * This answers the cryptographic question only: who the certificate belongs to and whether it may sign is for
 * `path`. Signed attributes are always required, so that no content can be passed off as attributes or the reverse.
 */
import type { DigestAlgorithm, SignatureAlgorithm } from '../algorithms/algorithms.ts'
import { signatureAlgorithms } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { TAG } from '../asn1/tags.ts'
import { equal } from '../encoding/bytes.ts'
import type { Platform } from '../platform/index.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { isAcceptableKey } from '../x509/public-key.ts'
import { type SignedAttributes, singleValue } from './attributes.ts'
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
}

/** A check ended with this problem. */
class Failed extends Error {
  readonly problem: SignerProblem

  constructor(problem: SignerProblem) {
    super(problem)
    this.problem = problem
  }
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
  try {
    const algorithms = checkAlgorithms(signedData, signerInfo)
    const signedAttributes = checkAttributes(signedData, signerInfo)
    await checkContent(signedData, signedAttributes, content, algorithms.digest, platform)
    const certificate = findCertificate(signedData, signerInfo, options)
    await checkSigningCertificate(signedAttributes, certificate, platform, options)
    await checkSignature(signerInfo, signedAttributes, certificate, algorithms.signature, platform)
    return { valid: true, signerInfo, signedAttributes, certificate }
  } catch (error) {
    if (error instanceof Failed) return { valid: false, problem: error.problem }
    throw error
  }
}

interface Algorithms {
  readonly digest: DigestAlgorithm
  readonly signature: SignatureAlgorithm
}

/** The message names its algorithms in three places; a signature whose names disagree is refused. */
function checkAlgorithms(signedData: SignedData, signerInfo: SignerInfo): Algorithms {
  const { digestAlgorithm: digest, signatureAlgorithm: signature } = signerInfo
  if (digest === undefined || signature === undefined) throw new Failed('algorithm-unsupported')
  const announced = signedData.digestAlgorithms.includes(digest)
  if (!announced || signatureAlgorithms[signature].digest !== digest) throw new Failed('algorithms-disagree')
  return { digest, signature }
}

function checkAttributes(signedData: SignedData, signerInfo: SignerInfo): SignedAttributes {
  const { signedAttributes } = signerInfo
  if (signedAttributes === undefined) throw new Failed('signed-attributes-missing')
  if (signedAttributes.contentType !== signedData.contentType) throw new Failed('content-type-mismatch')
  checkAlgorithmProtection(signedAttributes, signerInfo)
  return signedAttributes
}

/** RFC 6211, 3: where the attribute is, both algorithms in it are the signer's, octet for octet. */
function checkAlgorithmProtection(attributes: SignedAttributes, { algorithmBytes }: SignerInfo): void {
  const value = protectionOf(attributes)
  if (value === undefined) return
  const same = equal(value.digest, algorithmBytes.digest) && equal(value.signature, algorithmBytes.signature)
  if (!same) throw new Failed('algorithms-disagree')
}

function protectionOf(attributes: SignedAttributes): SignerInfo['algorithmBytes'] | undefined {
  try {
    const node = singleValue(attributes, OID.cmsAlgorithmProtection)
    if (node === undefined) return undefined
    return readFields(node, 'CMSAlgorithmProtection', fields => {
      const digest = fields.take('digestAlgorithm').bytes
      const signature = new Uint8Array(fields.implicit(1, TAG.sequence)?.bytes ?? [])
      signature[0] = TAG.sequence
      return { digest, signature }
    })
  } catch (error) {
    throw error instanceof DerError ? new Failed('algorithms-disagree') : error
  }
}

async function checkContent(
  signedData: SignedData,
  attributes: SignedAttributes,
  content: SignedContent,
  algorithm: DigestAlgorithm,
  platform: Platform,
): Promise<void> {
  const digest = await messageDigestOf(signedData, content, algorithm, platform)
  if (!equal(digest, attributes.messageDigest)) throw new Failed('message-digest-mismatch')
}

/** A content inside and another one outside would let a signature over one be shown for the other. */
async function messageDigestOf(
  signedData: SignedData,
  content: SignedContent,
  algorithm: DigestAlgorithm,
  platform: Platform,
): Promise<Uint8Array> {
  if (content === 'encapsulated') {
    if (signedData.content === undefined) throw new Failed('content-missing')
    return platform.digest(algorithm, signedData.content)
  }
  if (signedData.content !== undefined) throw new Failed('content-ambiguous')
  return 'content' in content ? platform.digest(algorithm, content.content) : content.messageDigest
}

function findCertificate(
  signedData: SignedData,
  signerInfo: SignerInfo,
  options: SignerOptions,
): Certificate {
  const candidates = [...signedData.certificates, ...(options.certificates ?? [])].flatMap(readable)
  const found = candidates.find(certificate => identifies(signerInfo.identifier, certificate))
  if (found === undefined) throw new Failed('certificate-missing')
  return found
}

/** A certificate nobody can read is nobody's; the bag may hold such beside the signer's. */
function readable(der: Uint8Array): readonly Certificate[] {
  try {
    return [parseCertificate(der)]
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

async function checkSigningCertificate(
  attributes: SignedAttributes,
  certificate: Certificate,
  platform: Platform,
  options: SignerOptions,
): Promise<void> {
  const { signingCertificate } = attributes
  if (signingCertificate === undefined) {
    if (options.signingCertificate === 'optional') return
    throw new Failed('signing-certificate-missing')
  }
  if (!(await isSigningCertificate(signingCertificate, certificate, platform))) {
    throw new Failed('signing-certificate-mismatch')
  }
}

async function checkSignature(
  signerInfo: SignerInfo,
  attributes: SignedAttributes,
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
  platform: Platform,
): Promise<void> {
  if (!isAcceptableKey(certificate.publicKey)) throw new Failed('key-unacceptable')
  const { spki } = certificate
  const { signature } = signerInfo
  const holds = await platform.verify({ algorithm, spki, data: attributes.bytes, signature })
  if (!holds) throw new Failed('signature-invalid')
}
