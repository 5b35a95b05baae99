/**
 * First step of a CAdES baseline signature: the content is hashed, and the signed attributes over its digest come out.
 * EN 319 122-1 V1.3.1, 5.1, 5.2 and 6.3.
 *
 * Whether the content will stand inside the signature or beside it makes no difference here: nothing that is signed
 * says so.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { buildSignedAttributes, essCertIdOf, type SignerClaims, signerClaims } from '@natsuin/pki/cms'
import type { Digest } from '@natsuin/pki/platform'
import { type Content, digestsOf } from '../signing/content.ts'
import { signingMaterial } from '../signing/signing-material.ts'

export interface PrepareCadesOptions {
  readonly platform: Digest
  /** DER. */
  readonly signingCertificate: Uint8Array
  /** The other certificates to embed, DER each, in any order. */
  readonly chain?: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
  /** When the signer says it signs; in seconds. */
  readonly signingTime: Date
  /** What else the signer says: roles, location, commitment, policy, media type, … */
  readonly claims?: SignerClaims
}

/** Plain values only: can be stored, cloned or sent (`preparedCadesToJson`). Holds nothing of the content. */
export interface PreparedCades {
  /** Digest of the content: the messageDigest attribute. */
  readonly contentDigest: Uint8Array
  /** The DTBS: DER SET OF Attribute, tag 0x31. */
  readonly signedAttributes: Uint8Array
  /** The DTBS/R: digest of `signedAttributes`, the hash that the key signs. */
  readonly dtbsr: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signingCertificate: Uint8Array
  readonly chain: readonly Uint8Array[]
}

/**
 * Prepares a signature over a content by somebody else's key.
 *
 * @throws DerError, RangeError when certificate and algorithm do not belong together, when a claim cannot be said, or
 *   when of the content only another digest is known
 */
export function prepareCades(content: Content, options: PrepareCadesOptions): Promise<PreparedCades> {
  return prepareOver(content, options)
}

/** @param contentType  of what is signed; `none` for a counter-signature */
export async function prepareOver(
  content: Content,
  options: PrepareCadesOptions,
  contentType?: 'none',
): Promise<PreparedCades> {
  const { platform, signingCertificate, chain = [], signatureAlgorithm, signingTime, claims = {} } = options
  const { certificate } = signingMaterial({ signingCertificate, chain, signatureAlgorithm })
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const contentDigest = (await digestsOf(content, [digest], platform)).get(digest)
  if (contentDigest === undefined) throw new RangeError(`${signatureAlgorithm} takes a digest by ${digest}`)
  const signedAttributes = buildSignedAttributes({
    ...(contentType === undefined ? {} : { contentType }),
    messageDigest: contentDigest,
    signingCertificate: await essCertIdOf(certificate.bytes, digest, platform),
    signingTime,
    algorithmProtection: { digestAlgorithm: digest, signatureAlgorithm },
    further: signerClaims(claims),
  })
  const dtbsr = await platform.digest(digest, signedAttributes)
  return { contentDigest, signedAttributes, dtbsr, signatureAlgorithm, signingCertificate, chain }
}
