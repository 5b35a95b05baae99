/**
 * DER writers (X.690, 10 and 11): values in, one canonical element out.
 *
 * Each returns a whole element, so structures are written as they read in the ASN.1 module:
 * `sequence(oid(x), null_())`. A mistake of the caller is a RangeError; there is no input to refuse here.
 */
import { concat, utf8 } from '../encoding/bytes.ts'
import { isPrintable } from './content.ts'
import { encodeOid } from './oid-content.ts'
import { compareEncodings } from './read.ts'
import { contextConstructed, contextPrimitive, TAG } from './tags.ts'
import { formatGeneralizedTime, formatUtcTime } from './time.ts'

export type Der = Uint8Array<ArrayBuffer>

/** One element with this identifier octet around the parts. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Der {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return concat(headerOctets(tag, length), ...parts)
}

/** Identifier and length octets alone, for a content that is not in memory. */
export function headerOctets(tag: number, length: number): Der {
  return Uint8Array.of(tag, ...lengthOctets(length))
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) octets.unshift(rest % 0x100)
  return [0x80 | octets.length, ...octets]
}

/** Parts that are `undefined` are OPTIONAL fields left out. */
export function sequence(...parts: readonly (Uint8Array | undefined)[]): Der {
  return element(TAG.sequence, ...parts.filter(part => part !== undefined))
}

/** SET OF: sorted by encoding (X.690, 11.6). */
export function set(...members: readonly Uint8Array[]): Der {
  return element(TAG.set, ...members.toSorted(compareEncodings))
}

export function boolean(value: boolean): Der {
  return element(TAG.boolean, Uint8Array.of(value ? 0xff : 0x00))
}

export function null_(): Der {
  return element(TAG.null)
}

export function oid(dotted: string): Der {
  return element(TAG.oid, encodeOid(dotted))
}

/** Any size, in two's complement (X.690, 8.3). */
export function integer(value: number | bigint): Der {
  return element(TAG.integer, twosComplement(BigInt(value)))
}

/** A non-negative INTEGER from big-endian octets, as HSMs give serial numbers and moduli. */
export function unsignedInteger(bytes: Uint8Array): Der {
  const firstNonZero = bytes.findIndex(byte => byte !== 0)
  const magnitude = firstNonZero === -1 ? Uint8Array.of(0) : bytes.subarray(firstNonZero)
  const sign = (magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array()
  return element(TAG.integer, sign, magnitude)
}

export function enumerated(value: number): Der {
  return element(TAG.enumerated, twosComplement(BigInt(value)))
}

export function octetString(bytes: Uint8Array): Der {
  return element(TAG.octetString, bytes)
}

/** A BIT STRING of whole octets. */
export function bitString(bytes: Uint8Array): Der {
  return element(TAG.bitString, Uint8Array.of(0), bytes)
}

/** A named bit list with these bits set, without trailing zero bits (X.690, 11.2.2). */
export function namedBits(bits: readonly number[]): Der {
  const highest = Math.max(-1, ...bits)
  const octets = new Uint8Array(Math.ceil((highest + 1) / 8))
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return element(TAG.bitString, Uint8Array.of(octets.length * 8 - (highest + 1)), octets)
}

export function utf8String(text: string): Der {
  return element(TAG.utf8String, utf8(text))
}

/** @throws RangeError for characters outside X.680's PrintableString */
export function printableString(text: string): Der {
  if (!isPrintable(text)) throw new RangeError('not a PrintableString')
  return element(TAG.printableString, utf8(text))
}

/** @throws RangeError for characters outside ASCII */
export function ia5String(text: string): Der {
  const bytes = utf8(text)
  if (bytes.some(byte => byte >= 0x80)) throw new RangeError('not an IA5String')
  return element(TAG.ia5String, bytes)
}

/** RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on (and before 1950). Seconds are cut. */
export function time(at: Date): Der {
  const year = at.getUTCFullYear()
  return year >= 1950 && year < 2050 ? utcTime(at) : generalizedTime(at)
}

export function utcTime(at: Date): Der {
  const year = at.getUTCFullYear()
  if (year < 1950 || year > 2049) throw new RangeError('UTCTime cannot say this year')
  return element(TAG.utcTime, utf8(formatUtcTime(at)))
}

/** @param options.fraction keep milliseconds (RFC 3161, 2.4.2); certificates, CRL and OCSP must not */
export function generalizedTime(at: Date, options: { readonly fraction?: boolean } = {}): Der {
  return element(TAG.generalizedTime, utf8(formatGeneralizedTime(at, options.fraction)))
}

/** `[n] EXPLICIT`. */
export function explicit(n: number, inner: Uint8Array): Der {
  return element(contextConstructed(n), inner)
}

/** `[n] IMPLICIT`: the same element under another tag; keeps whether it is constructed. */
export function implicit(n: number, der: Uint8Array): Der {
  const [tag] = der
  if (tag === undefined) throw new RangeError('an empty element cannot be tagged')
  return retag((tag & 0x20) === 0 ? contextPrimitive(n) : contextConstructed(n), der)
}

/** The element with another identifier octet; length and content stay. */
export function retag(tag: number, der: Uint8Array): Der {
  const copy = new Uint8Array(der)
  copy[0] = tag
  return copy
}

function twosComplement(value: bigint): Uint8Array {
  const octets: number[] = []
  let rest = value
  do {
    octets.unshift(Number(rest & 0xffn))
    rest >>= 8n
  } while (!isSignOf(rest, octets[0] ?? 0))
  return Uint8Array.from(octets)
}

/** True when what is left of the value is only the sign that the highest octet already shows. */
function isSignOf(rest: bigint, highest: number): boolean {
  return (rest === 0n && highest < 0x80) || (rest === -1n && highest >= 0x80)
}
