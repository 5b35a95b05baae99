/**
 * The content octets DER allows for each primitive universal type (X.690, 8 and 11).
 *
 * The tree reader applies these to every universal element; typed readers apply them again where an IMPLICIT
 * tag hid the type. One value has one encoding, so equal values are equal bytes.
 */
import { fromUtf8 } from '../encoding/bytes.ts'
import { DerError } from './der-error.ts'
import { TAG } from './tags.ts'

/** INTEGER content larger than this is refused; an RSA modulus of 8192 bits is 1 KiB. */
export const MAX_INTEGER_BYTES = 16 * 1024

type ContentCheck = (content: Uint8Array) => void

/** X.690, 8.2 and 11.1: one octet, 00 or FF. */
const checkBoolean: ContentCheck = content => {
  if (content.length !== 1 || (content[0] !== 0x00 && content[0] !== 0xff)) {
    throw new DerError('boolean-not-canonical')
  }
}

/** X.690, 8.3.2: the first nine bits are neither all ones nor all zeros. */
const checkInteger: ContentCheck = content => {
  const [first, second = 0] = content
  if (first === undefined) throw new DerError('integer-not-minimal', 'empty')
  if (content.length > MAX_INTEGER_BYTES) throw new DerError('integer-too-long')
  if (content.length === 1) return
  if ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)) {
    throw new DerError('integer-not-minimal')
  }
}

/** X.690, 8.6.2 and 11.2.1: a count of unused bits from 0 to 7, and those bits are zero. */
const checkBitString: ContentCheck = content => {
  const [unused] = content
  if (unused === undefined || unused > 7) throw new DerError('bit-string-not-canonical', 'unused bits')
  if (unused === 0) return
  const last = content.length > 1 ? content[content.length - 1] : undefined
  if (last === undefined || (last & ((1 << unused) - 1)) !== 0) {
    throw new DerError('bit-string-not-canonical', 'padding')
  }
}

/** X.690, 8.8.2. */
const checkNull: ContentCheck = content => {
  if (content.length !== 0) throw new DerError('null-not-empty')
}

/** X.690, 8.19.2: each arc in the fewest octets, and the last arc complete. */
const checkOid: ContentCheck = content => {
  let first = true
  for (const byte of content) {
    if (first && byte === 0x80) throw new DerError('oid-not-canonical', 'leading zeros')
    first = byte < 0x80
  }
  if (content.length === 0 || !first) throw new DerError('oid-not-canonical', 'incomplete')
}

const checkUtf8: ContentCheck = content => {
  if (fromUtf8(content) === undefined) throw new DerError('string-not-valid', 'UTF8String')
}

/** Each octet one of the type's characters. */
function characters(type: string, allowed: (byte: number) => boolean): ContentCheck {
  return content => {
    if (!content.every(allowed)) throw new DerError('string-not-valid', type)
  }
}

// X.680, 41.4: letters, digits, space and ' ( ) + , - . / : = ?
const PRINTABLE = new Set(
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"].map(c => c.charCodeAt(0)),
)

/** True when every character of `text` may stand in a PrintableString. */
export function isPrintable(text: string): boolean {
  return [...text].every(character => character.length === 1 && PRINTABLE.has(character.charCodeAt(0)))
}

const CHECKS: Readonly<Record<number, ContentCheck>> = {
  [TAG.boolean]: checkBoolean,
  [TAG.integer]: checkInteger,
  [TAG.enumerated]: checkInteger,
  [TAG.bitString]: checkBitString,
  [TAG.null]: checkNull,
  [TAG.oid]: checkOid,
  [TAG.utf8String]: checkUtf8,
  [TAG.printableString]: characters('PrintableString', byte => PRINTABLE.has(byte)),
  [TAG.numericString]: characters('NumericString', byte => byte === 0x20 || (byte >= 0x30 && byte <= 0x39)),
  [TAG.ia5String]: characters('IA5String', byte => byte < 0x80),
  [TAG.visibleString]: characters('VisibleString', byte => byte >= 0x20 && byte < 0x7f),
}

/** Refuses content that DER does not allow for a primitive universal type; other tags pass. */
export function checkContent(tag: number, content: Uint8Array): void {
  CHECKS[tag]?.(content)
}

export function hasContentRule(tag: number): boolean {
  return CHECKS[tag] !== undefined
}
