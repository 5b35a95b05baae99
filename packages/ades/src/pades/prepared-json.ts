/** A prepared signature as JSON, to be stored or handed to whoever completes it. Bytes are base64url. */
import { toBase64url } from '@natsuin/pki/encoding'
import { invalid, JsonMembers } from '../signing/json-members.ts'
import type { PreparedPades } from './prepare.ts'
import type { ByteRange } from './signature-dictionary.ts'

const BYTES = ['update', 'documentDigest', 'signedAttributes', 'dtbsr', 'signingCertificate'] as const

/** The text that `preparedFromJson` reads, in this process or in another one. */
export function preparedToJson(prepared: PreparedPades): string {
  const bytes = BYTES.map(key => [key, toBase64url(prepared[key])] as const)
  return JSON.stringify({ ...prepared, ...Object.fromEntries(bytes), chain: prepared.chain.map(toBase64url) })
}

/** @throws SyntaxError or RangeError when the text is not what `preparedToJson` writes */
export function preparedFromJson(text: string): PreparedPades {
  const members = new JsonMembers(text)
  return {
    update: members.bytes('update'),
    documentDigest: members.bytes('documentDigest'),
    signedAttributes: members.bytes('signedAttributes'),
    dtbsr: members.bytes('dtbsr'),
    signingCertificate: members.bytes('signingCertificate'),
    chain: members.listOfBytes('chain'),
    originalSize: members.count('originalSize'),
    byteRange: byteRange(members.counts('byteRange')),
    signatureAlgorithm: members.algorithm('signatureAlgorithm'),
    fieldName: members.text('fieldName'),
    withTimeStamp: members.flag('withTimeStamp'),
  }
}

function byteRange([first, gapStart, gapEnd, rest]: readonly number[]): ByteRange {
  if (first !== 0 || gapStart === undefined || gapEnd === undefined || rest === undefined)
    return invalid('a ByteRange')
  return [0, gapStart, gapEnd, rest]
}
