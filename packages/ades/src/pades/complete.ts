/**
 * Second step of a PAdES baseline signature: the signature value comes back, the CMS goes into its place.
 * Level B-B, B-T with a time-stamp over the signature value, and from there to the lasting levels
 * (EN 319 142-1 V1.2.1, 6.3).
 *
 * What comes out is checked before it is given out: a value that does not verify, a token for something else,
 * or a signature that outgrew its space is refused, and the document stays unsigned.
 */
import { concat } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { appendedSource, type ByteSource, prefixSource } from '../pdf/byte-source.ts'
import { PdfRefusal } from '../pdf/refusal.ts'
import { completeCms } from '../signing/complete-cms.ts'
import type { TimeStampSource } from '../time-stamping/first-time-stamp.ts'
import { augmentPades } from './augment.ts'
import type { AugmentPadesOptions } from './augment-options.ts'
import type { PreparedPades } from './prepare.ts'
import { filledIn } from './signed-update.ts'

/** What it takes to complete a signature straight to a lasting level. */
export interface LastingOptions extends Omit<AugmentPadesOptions, 'platform' | 'timeStamp'> {
  readonly level: 'B-LT' | 'B-LTA'
  /** The original that was prepared. */
  readonly document: ByteSource
}

export interface CompletePadesOptions {
  readonly platform: Platform
  /**
   * Completes straight to level B-LT or B-LTA. Where its data cannot be had, nothing is given out; a signature that
   * must not be lost then is completed without it, and augmented when the data can be had.
   */
  readonly lasting?: LastingOptions
  /**
   * Gets a time-stamp token for the digest; asked exactly when the signature was prepared for one.
   *
   * @param imprint  digest of the signature value
   * @returns DER TimeStampToken (RFC 3161, 2.4.2), without the response around it
   */
  readonly timeStamp?: TimeStampSource
}

/**
 * The bytes to append to the original document to have it signed.
 *
 * @param signatureValue  RSA octets or DER ECDSA-Sig-Value over `prepared.dtbsr`
 * @throws PdfRefusal `time-stamp-missing`, `signature-space-exceeded`
 * @throws AdesRefusal `signature-does-not-verify`, `time-stamp-invalid`; with `lasting`, as `augmentPades` does
 */
export async function completePades(
  prepared: PreparedPades,
  signatureValue: Uint8Array,
  options: CompletePadesOptions,
): Promise<Uint8Array> {
  const { platform } = options
  const timeStamp = prepared.withTimeStamp ? options.timeStamp : undefined
  if (prepared.withTimeStamp && timeStamp === undefined) throw new PdfRefusal('time-stamp-missing')
  const cms = await completeCms(prepared, signatureValue, { platform, timeStamp })
  const update = filledIn(prepared, cms)
  return options.lasting === undefined ? update : lastingUpdate(prepared, update, options, options.lasting)
}

/** The signed document stands where its signature ends; what makes it last comes behind. */
async function lastingUpdate(
  { originalSize }: PreparedPades,
  update: Uint8Array,
  { platform, timeStamp }: CompletePadesOptions,
  { document, level, ...options }: LastingOptions,
): Promise<Uint8Array> {
  const signed = appendedSource(prefixSource(document, originalSize), update)
  const given = { ...options, platform, ...(timeStamp === undefined ? {} : { timeStamp }) }
  return concat(update, await augmentPades(signed, level, given))
}
