/**
 * The signature dictionary with room for the signature: ISO 32000-2, 12.8.1, with the values that
 * EN 319 142-1 V1.2.1, 6.3 asks of a baseline signature (SubFilter `ETSI.CAdES.detached`, M, Contents, ByteRange).
 *
 * ByteRange and Contents are written with fixed widths, so that filling them in later moves nothing.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import {
  type PdfDictionary,
  type PdfObject,
  pdfArray,
  pdfDictionary,
  pdfName,
  pdfString,
  textString,
} from '../pdf/objects.ts'
import { writeObject } from '../pdf/writer.ts'

export interface SignatureDescription {
  /** The claimed signing time; goes into M, in seconds. */
  readonly signingTime: Date
  readonly reason?: string | undefined
  readonly location?: string | undefined
  readonly contactInfo?: string | undefined
  /** What the signer is called; where it is missing, what the certificate says (ISO 32000-2, table 255). */
  readonly signerName?: string | undefined
}

export interface SignatureDictionary {
  readonly body: Uint8Array
  /** Where in the body the ten-digit numbers of ByteRange begin. */
  readonly byteRangeAt: number
  /** Where in the body the opening `<` of Contents stands. */
  readonly contentsAt: number
}

/** Offset and length of what is before Contents, then of what is after. */
export type ByteRange = readonly [0, number, number, number]

/**
 * The entries of a signature but ByteRange and Contents.
 *
 * @param references  the Reference array, empty for none
 */
export function signatureEntries(
  { signingTime, reason, location, contactInfo, signerName }: SignatureDescription,
  references: readonly PdfObject[],
): PdfDictionary {
  return pdfDictionary({
    Type: pdfName('Sig'),
    Filter: pdfName('Adobe.PPKLite'),
    SubFilter: pdfName('ETSI.CAdES.detached'),
    M: pdfString(utf8(pdfDate(signingTime))),
    ...(signerName === undefined ? {} : { Name: textString(signerName) }),
    ...(reason === undefined ? {} : { Reason: textString(reason) }),
    ...(location === undefined ? {} : { Location: textString(location) }),
    ...(contactInfo === undefined ? {} : { ContactInfo: textString(contactInfo) }),
    ...(references.length === 0 ? {} : { Reference: pdfArray(references) }),
  })
}

/** EN 319 142-1 V1.2.1, 5.4.3: a document time-stamp says nothing but that; its token has the time. */
export const TIME_STAMP_ENTRIES = pdfDictionary({
  Type: pdfName('DocTimeStamp'),
  Filter: pdfName('Adobe.PPKLite'),
  SubFilter: pdfName('ETSI.RFC3161'),
})

/**
 * The dictionary with room for the signature.
 *
 * @param entries        as they are written: in an encrypted document encrypted
 * @param contentsBytes  how many bytes the signature may have
 */
export function withRoom(entries: PdfDictionary, contentsBytes: number): SignatureDictionary {
  const head = writeObject(entries)
  // The dictionary stays open for the two entries whose places must be known.
  const byteRange = concat(head.subarray(0, -'>>'.length), utf8(' /ByteRange ['))
  const contents = concat(byteRange, utf8(`${byteRangeText([0, 0, 0, 0])}] /Contents `))
  const body = concat(contents, utf8(`<${'0'.repeat(2 * contentsBytes)}>>>`))
  return { body, byteRangeAt: byteRange.length, contentsAt: contents.length }
}

const WIDTH = 10

/** Always of the same length. */
export function byteRangeText(range: ByteRange): string {
  return range.map(number => String(number).padEnd(WIDTH, ' ')).join(' ')
}

/** 7.9.4, in UTC. */
function pdfDate(instant: Date): string {
  return `D:${instant.toISOString().replace(/\D/g, '').slice(0, 14)}Z`
}
