/**
 * A document time-stamp: a token over everything the document is now (EN 319 142-1 V1.2.1, 5.4.3; ISO 32000-2,
 * 12.8.5). It proves that the signatures and their validation data existed, when their algorithms were still strong.
 */
import { utf8 } from '@natsuin/pki/encoding'
import { appendedSource, type ByteSource } from '../pdf/byte-source.ts'
import { openPdf } from '../pdf/document.ts'
import { placeTimeStamp } from '../pdf/signature-field.ts'
import { AdesRefusal } from '../refusal.ts'
import { timeStampOver } from '../time-stamping/time-stamp-over.ts'
import { TOKEN_LEEWAY_BYTES, tokenBytesOf } from '../time-stamping/token-bytes.ts'
import type { AugmentPadesOptions } from './augment-options.ts'
import { digestOfRanges } from './prepared-pdf.ts'
import { TIME_STAMP_ENTRIES } from './signature-dictionary.ts'
import { buildSignedUpdate, filledIn } from './signed-update.ts'

// Lasting evidence is for decades: TS 119 312 V2.1.1 advises more than 256 bits beyond twenty years.
const IMPRINT_ALGORITHM = 'sha512'

/**
 * A document time-stamp over a PDF as it is, signed or not. The authority is asked once more before its first one, for how
 * much room its tokens need, unless `timeStampTokenBytes` says it.
 *
 * @returns the bytes to append
 * @throws AdesRefusal `time-stamp-unavailable`, `time-stamp-invalid`
 * @throws PdfRefusal what has to do with the document, and `signature-space-exceeded`
 */
export async function timeStampPdf(source: ByteSource, options: AugmentPadesOptions): Promise<Uint8Array> {
  const { timeStamp, timeStampTokenBytes } = options
  if (timeStamp === undefined) throw new AdesRefusal('time-stamp-unavailable', 'no authority is given')
  const room = timeStampTokenBytes ?? (await tokenBytesOf(timeStamp))
  const { prepared, token } = await stamped(source, options, room)
  if (token.length <= room || timeStampTokenBytes !== undefined) return filledIn(prepared, token)
  // Another authority of the list answered, or this one has a new certificate.
  const again = await stamped(source, options, token.length + TOKEN_LEEWAY_BYTES)
  return filledIn(again.prepared, again.token)
}

/** The document with room of so many bytes, and a token over it. */
async function stamped(source: ByteSource, options: AugmentPadesOptions, contentsBytes: number) {
  const { platform, timeStamp, at } = options
  const document = await openPdf(source, options)
  const seed = utf8(`time-stamp ${at.toISOString()}`)
  const placed = await placeTimeStamp(document)
  const room = { entries: TIME_STAMP_ENTRIES, contentsBytes }
  const prepared = await buildSignedUpdate(document, placed, room, { platform, seed })
  const whole = appendedSource(source, prepared.update)
  const imprint = await digestOfRanges(whole, prepared.byteRange, platform, IMPRINT_ALGORITHM)
  const token = await timeStampOver({ imprint, digestAlgorithm: IMPRINT_ALGORITHM }, timeStamp)
  return { prepared: { ...prepared, originalSize: source.size }, token }
}
