/**
 * Second step of a PAdES baseline signature: the signature value comes back, the CMS goes into its place.
 * Level B-B, and B-T with a time-stamp over the signature value (EN 319 142-1 V1.2.1, 6.3).
 *
 * What comes out is checked before it is given out: a value that does not verify, a token for something else,
 * or a signature that outgrew its space is refused, and the document stays unsigned.
 */
import { type DigestAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { assembleSignedData, signatureTimeStamp } from '@natsuin/pki/cms'
import { toHex, utf8 } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { PdfRefusal } from '../pdf/refusal.ts'
import type { PreparedPades } from './prepare.ts'
import { signingMaterial } from './signing-material.ts'
import { checkTimeStampToken } from './time-stamp.ts'

export interface CompletePadesOptions {
  readonly platform: Platform
  /**
   * Gets a time-stamp token for the digest; asked exactly when the signature was prepared for one.
   *
   * @param imprint  digest of the signature value
   * @returns DER TimeStampToken (RFC 3161, 2.4.2), without the response around it
   */
  readonly timeStamp?: (imprint: Uint8Array, digestAlgorithm: DigestAlgorithm) => Promise<Uint8Array>
}

/**
 * The bytes to append to the original document to have it signed.
 *
 * @param signatureValue  RSA octets or DER ECDSA-Sig-Value over `prepared.dtbsr`
 * @throws PdfRefusal `signature-does-not-verify`, `time-stamp-missing`, `time-stamp-invalid`,
 *   `signature-space-exceeded`
 */
export async function completePades(
  prepared: PreparedPades,
  signatureValue: Uint8Array,
  options: CompletePadesOptions,
): Promise<Uint8Array> {
  const { signatureAlgorithm, signedAttributes } = prepared
  const { certificate, chain } = signingMaterial(prepared)
  const question = { algorithm: signatureAlgorithm, spki: certificate.spki, data: signedAttributes }
  const holds = await options.platform.verify({ ...question, signature: signatureValue })
  if (!holds) throw new PdfRefusal('signature-does-not-verify')
  const cms = assembleSignedData({
    digestAlgorithm: signatureAlgorithms[signatureAlgorithm].digest,
    signatureAlgorithm,
    signedAttributes,
    signature: signatureValue,
    signer: certificate,
    certificates: chain,
    unsignedAttributes: await timeStamps(prepared, signatureValue, options),
  })
  return filledIn(prepared, cms)
}

async function timeStamps(
  { withTimeStamp, signatureAlgorithm }: PreparedPades,
  signatureValue: Uint8Array,
  { platform, timeStamp }: CompletePadesOptions,
): Promise<readonly Uint8Array[]> {
  if (!withTimeStamp) return []
  if (timeStamp === undefined) throw new PdfRefusal('time-stamp-missing')
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const imprint = await platform.digest(digest, signatureValue)
  const token = await timeStamp(imprint, digest)
  checkTimeStampToken(token, { imprint, digestAlgorithm: digest })
  return [signatureTimeStamp(token)]
}

/** The zeros behind the CMS stay: Contents keeps its length, or ByteRange would no longer be true. */
function filledIn({ update, originalSize, byteRange }: PreparedPades, cms: Uint8Array): Uint8Array {
  const [, gapStart, gapEnd] = byteRange
  const digits = toHex(cms)
  if (digits.length > gapEnd - gapStart - '<>'.length) throw new PdfRefusal('signature-space-exceeded')
  const completed = update.slice()
  completed.set(utf8(digits), gapStart - originalSize + '<'.length)
  return completed
}
