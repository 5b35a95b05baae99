/**
 * First step of a PAdES baseline signature: the document gets a signature dictionary with room for the
 * signature, and the signed attributes over its digest come out. EN 319 142-1 V1.2.1, 5 and 6.3; ISO 32000-2, 12.8.
 *
 * Nothing is written: the result holds the bytes to append. The key is not needed, and whoever has the signature
 * value calls `completePades`.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { appendedSource, type ByteSource } from '../pdf/byte-source.ts'
import { type OpenPdfOptions, openPdf } from '../pdf/document.ts'
import { placeSignature, type SignatureWishes } from '../pdf/signature-field.ts'
import { type SigningMaterial, signingMaterial } from '../signing/signing-material.ts'
import { digestOfRanges } from './prepared-pdf.ts'
import { type ByteRange, type SignatureDescription, signatureEntries } from './signature-dictionary.ts'
import { maximalSignatureBytes, TIME_STAMP_TOKEN_BYTES } from './signature-size.ts'
import { padesSignedAttributes } from './signed-attributes.ts'
import { buildSignedUpdate } from './signed-update.ts'

export interface PreparePadesOptions extends SignatureDescription, SignatureWishes, OpenPdfOptions {
  readonly platform: Digest
  /** DER. */
  readonly signingCertificate: Uint8Array
  /** The other certificates to embed, DER each, in any order. */
  readonly chain?: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
  /** Whether a time-stamp will be embedded (level B-T) or not (level B-B). */
  readonly withTimeStamp: boolean
  /**
   * The largest time-stamp token to be expected, in bytes: `tokenBytesOf` learns it from the authority. 16 KiB where it is
   * not said, with a chain of three RSA-4096 certificates about twice of what is needed.
   */
  readonly timeStampTokenBytes?: number
}

/** Plain values only: can be stored, cloned or sent (`preparedToJson`). Holds no document content but the update. */
export interface PreparedPades {
  /** Bytes to append to the original; Contents is all zeros. */
  readonly update: Uint8Array
  /** Length of the original document. */
  readonly originalSize: number
  readonly byteRange: ByteRange
  /** Digest over the ranges: the messageDigest attribute. */
  readonly documentDigest: Uint8Array
  /** The DTBS: DER SET OF Attribute, tag 0x31. */
  readonly signedAttributes: Uint8Array
  /** The DTBS/R: digest of `signedAttributes`, the hash that the key signs. */
  readonly dtbsr: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signingCertificate: Uint8Array
  readonly chain: readonly Uint8Array[]
  readonly fieldName: string
  readonly withTimeStamp: boolean
}

/**
 * Prepares a document for a signature by somebody else's key.
 *
 * @throws PdfRefusal every code that has to do with documents and fields
 * @throws DerError, RangeError when certificate and algorithm do not belong together
 */
export async function preparePades(source: ByteSource, options: PreparePadesOptions): Promise<PreparedPades> {
  const { signingCertificate, chain = [], signatureAlgorithm, platform, withTimeStamp } = options
  const material = signingMaterial({ signingCertificate, chain, signatureAlgorithm })
  const document = await openPdf(source, options)
  const placed = await placeSignature(document, options)
  const entries = signatureEntries(options, placed.references)
  const room = { entries, contentsBytes: await contentsBytes(material, options) }
  const seed = concat(utf8(options.signingTime.toISOString()), signingCertificate)
  const { update, byteRange } = await buildSignedUpdate(document, placed, room, { platform, seed })

  const prepared = appendedSource(source, update)
  const digestAlgorithm = signatureAlgorithms[signatureAlgorithm].digest
  const documentDigest = await digestOfRanges(prepared, byteRange, platform, digestAlgorithm)
  const signedAttributes = await padesSignedAttributes(material, documentDigest, platform)
  const dtbsr = await platform.digest(digestAlgorithm, signedAttributes)
  const { fieldName } = placed
  const handedOn = { signatureAlgorithm, signingCertificate, chain, fieldName, withTimeStamp }
  return {
    update,
    originalSize: source.size,
    byteRange,
    documentDigest,
    signedAttributes,
    dtbsr,
    ...handedOn,
  }
}

/** Every digest of one algorithm is equally long, so any stands for the one that is not known yet. */
async function contentsBytes(material: SigningMaterial, options: PreparePadesOptions): Promise<number> {
  const { platform, withTimeStamp, timeStampTokenBytes = TIME_STAMP_TOKEN_BYTES } = options
  const { digest } = signatureAlgorithms[material.signatureAlgorithm]
  const placeholder = await platform.digest(digest, new Uint8Array())
  const attributes = await padesSignedAttributes(material, placeholder, platform)
  return maximalSignatureBytes(material, attributes, withTimeStamp ? timeStampTokenBytes : 0)
}
