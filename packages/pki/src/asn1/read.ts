/**
 * Typed readers: a node in, a value out, or a `DerError` that says what was expected.
 *
 * For an IMPLICIT tag, say what it stands for first: `readInteger(node.as(TAG.integer))`.
 */
import { fromUtf8 } from '../encoding/bytes.ts'
import { checkContent } from './content.ts'
import { DerError } from './der-error.ts'
import type { DerNode } from './der-node.ts'
import { decodeOid } from './oid-content.ts'
import { TAG } from './tags.ts'
import { parseGeneralizedTime, parseUtcTime } from './time.ts'

/** Refuses a node of another type. */
export function expectTag(node: DerNode, tag: number, what = 'element'): DerNode {
  if (node.tag !== tag) throw new DerError('unexpected-tag', `${what} has tag ${node.tag}, not ${tag}`)
  return node
}

function contentOf(node: DerNode, tag: number, what: string): Uint8Array {
  const { content } = expectTag(node, tag, what)
  checkContent(tag, content)
  return content
}

/** Dotted text. */
export function readOid(node: DerNode): string {
  return decodeOid(contentOf(node, TAG.oid, 'OBJECT IDENTIFIER'))
}

/** Two's complement content octets, exactly as encoded: what certificate serial numbers are compared by. */
export function readIntegerBytes(node: DerNode): Uint8Array {
  return contentOf(node, TAG.integer, 'INTEGER')
}

export function readInteger(node: DerNode): bigint {
  return signed(readIntegerBytes(node))
}

/** An INTEGER from 0 to 2^31 - 1: versions, path lengths, seconds. */
export function readSmallInteger(node: DerNode): number {
  return small(contentOf(node, TAG.integer, 'INTEGER'))
}

/** An ENUMERATED from 0 to 2^31 - 1: reasons, states of answers. Never an INTEGER: that would be a second spelling. */
export function readEnumerated(node: DerNode): number {
  return small(contentOf(node, TAG.enumerated, 'ENUMERATED'))
}

function small(content: Uint8Array): number {
  if (content.length > 4 || (content[0] ?? 0) >= 0x80) throw new DerError('value-not-allowed', 'INTEGER')
  return content.reduce((value, byte) => value * 0x100 + byte, 0)
}

/** A non-negative INTEGER without its sign octet: RSA moduli, r and s of ECDSA. */
export function readUnsignedBytes(node: DerNode): Uint8Array {
  const content = readIntegerBytes(node)
  if ((content[0] ?? 0) >= 0x80) throw new DerError('value-not-allowed', 'negative INTEGER')
  return content.length > 1 && content[0] === 0 ? content.subarray(1) : content
}

export function readBoolean(node: DerNode): boolean {
  return contentOf(node, TAG.boolean, 'BOOLEAN')[0] !== 0
}

export function readNull(node: DerNode): void {
  contentOf(node, TAG.null, 'NULL')
}

export function readOctetString(node: DerNode): Uint8Array {
  return contentOf(node, TAG.octetString, 'OCTET STRING')
}

/** A BIT STRING of whole octets, without the count of unused bits: signatures and keys. */
export function readBitString(node: DerNode): Uint8Array {
  const content = contentOf(node, TAG.bitString, 'BIT STRING')
  if (content[0] !== 0) throw new DerError('value-not-allowed', 'BIT STRING is not whole octets')
  return content.subarray(1)
}

/** The numbers of the bits that are set in a named bit list (X.690, 11.2.2: no trailing zero bit). */
export function readNamedBits(node: DerNode): readonly number[] {
  const content = contentOf(node, TAG.bitString, 'BIT STRING')
  const unused = content[0] ?? 0
  const last = content.length > 1 ? (content[content.length - 1] ?? 0) : undefined
  const trailingZero = last === undefined ? unused !== 0 : (last & (1 << unused)) === 0
  if (trailingZero) throw new DerError('bit-string-not-canonical', 'trailing zero bit')
  const bits = (content.length - 1) * 8
  return Array.from({ length: bits }, (_, i) => i).filter(i => bitOf(content, i))
}

function bitOf(content: Uint8Array, i: number): boolean {
  return ((content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) !== 0
}

/** UTCTime or GeneralizedTime, RFC 5280, 4.1.2.5. */
export function readTime(node: DerNode): Date {
  if (node.tag === TAG.utcTime) return parseUtcTime(latin1(node.content))
  return readGeneralizedTime(node)
}

/** GeneralizedTime; a fraction of a second only where the format allows it (RFC 3161, 2.4.2). */
export function readGeneralizedTime(node: DerNode, options: { readonly fraction?: boolean } = {}): Date {
  const { content } = expectTag(node, TAG.generalizedTime, 'time')
  return parseGeneralizedTime(latin1(content), options.fraction ?? false)
}

/** Text of any of the string types of X.520 DirectoryString, and IA5String and the like. */
export function readText(node: DerNode): string {
  const decode = TEXT[node.tag]
  if (decode === undefined) throw new DerError('unexpected-tag', 'character string')
  checkContent(node.tag, node.content)
  return decode(node.content)
}

export function isText(node: DerNode): boolean {
  return TEXT[node.tag] !== undefined
}

const TEXT: Readonly<Record<number, (content: Uint8Array) => string>> = {
  [TAG.utf8String]: content => fromUtf8(content) ?? '',
  [TAG.printableString]: latin1,
  [TAG.numericString]: latin1,
  [TAG.ia5String]: latin1,
  [TAG.visibleString]: latin1,
  // T.61 proper is read by nobody; every certificate seen in the wild means Latin-1.
  [TAG.teletexString]: latin1,
  [TAG.bmpString]: content => wide(content, 2),
  [TAG.universalString]: content => wide(content, 4),
}

function latin1(content: Uint8Array): string {
  return Array.from(content, byte => String.fromCharCode(byte)).join('')
}

/** Big-endian characters of 2 or 4 octets. */
function wide(content: Uint8Array, size: 2 | 4): string {
  if (content.length % size !== 0) throw new DerError('string-not-valid', 'length')
  const codes = Array.from({ length: content.length / size }, (_, i) =>
    content.subarray(i * size, (i + 1) * size).reduce((value, byte) => value * 0x100 + byte, 0),
  )
  if (codes.some(code => code > 0x10ffff || (code >= 0xd800 && code < 0xe000))) {
    throw new DerError('string-not-valid', 'code point')
  }
  return String.fromCodePoint(...codes)
}

/** The elements of a SEQUENCE. */
export function readSequence(node: DerNode, what = 'SEQUENCE'): readonly DerNode[] {
  return expectTag(node, TAG.sequence, what).children
}

/** The elements of a SET OF, which DER sorts (X.690, 11.6). */
export function readSetOf(node: DerNode, what = 'SET'): readonly DerNode[] {
  const { children } = expectTag(node, TAG.set, what)
  children.forEach((child, i) => {
    const before = children[i - 1]
    if (before !== undefined && compareEncodings(before.bytes, child.bytes) > 0) {
      throw new DerError('set-not-sorted', what)
    }
  })
  return children
}

/** The elements of a SET OF in any order: outside signed parts RFC 5652 asks for BER only. */
export function readUnsortedSetOf(node: DerNode, what = 'SET'): readonly DerNode[] {
  return expectTag(node, TAG.set, what).children
}

/** X.690, 11.6: as octet strings, the shorter padded with zeros at its end. */
export function compareEncodings(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function signed(content: Uint8Array): bigint {
  const magnitude = content.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
  return BigInt.asIntN(content.length * 8, magnitude)
}
