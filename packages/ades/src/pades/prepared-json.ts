/** A prepared signature as JSON, to be stored or handed to whoever completes it. Bytes are base64url. */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { fromBase64url, toBase64url } from '@natsuin/pki/encoding'
import type { PreparedPades } from './prepare.ts'
import type { ByteRange } from './signature-dictionary.ts'

const BYTES = ['update', 'documentDigest', 'signedAttributes', 'dtbsr', 'signingCertificate'] as const

export function preparedToJson(prepared: PreparedPades): string {
  const bytes = BYTES.map(key => [key, toBase64url(prepared[key])] as const)
  return JSON.stringify({ ...prepared, ...Object.fromEntries(bytes), chain: prepared.chain.map(toBase64url) })
}

/** @throws SyntaxError or RangeError when the text is not what `preparedToJson` writes */
export function preparedFromJson(text: string): PreparedPades {
  const members = new Map<string, unknown>(Object.entries(Object(JSON.parse(text))))
  return {
    update: bytes(members.get('update')),
    documentDigest: bytes(members.get('documentDigest')),
    signedAttributes: bytes(members.get('signedAttributes')),
    dtbsr: bytes(members.get('dtbsr')),
    signingCertificate: bytes(members.get('signingCertificate')),
    chain: list(members.get('chain')).map(bytes),
    originalSize: count(members.get('originalSize')),
    byteRange: byteRange(list(members.get('byteRange')).map(count)),
    signatureAlgorithm: algorithm(members.get('signatureAlgorithm')),
    fieldName: string(members.get('fieldName')),
    withTimeStamp: members.get('withTimeStamp') === true,
  }
}

function bytes(value: unknown): Uint8Array {
  return fromBase64url(string(value)) ?? invalid('base64url')
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : invalid('a string')
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : invalid('a list')
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : invalid('a count')
}

function byteRange([first, gapStart, gapEnd, rest]: readonly number[]): ByteRange {
  if (first !== 0 || gapStart === undefined || gapEnd === undefined || rest === undefined)
    return invalid('a ByteRange')
  return [0, gapStart, gapEnd, rest]
}

function algorithm(value: unknown): SignatureAlgorithm {
  const names = Object.keys(signatureAlgorithms)
  // Object.keys forgets the literal type of the table's keys.
  return names.includes(string(value)) ? (value as SignatureAlgorithm) : invalid('a signature algorithm')
}

function invalid(expected: string): never {
  throw new RangeError(`a prepared signature: ${expected} was expected`)
}
