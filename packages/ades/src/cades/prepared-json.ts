/** A prepared signature as JSON, to be stored or handed to whoever completes it. Bytes are base64url. */
import { toBase64url } from '@natsuin/pki/encoding'
import { JsonMembers } from '../signing/json-members.ts'
import type { PreparedCades } from './prepare.ts'

const BYTES = ['contentDigest', 'signedAttributes', 'dtbsr', 'signingCertificate'] as const

/** The text that `preparedCadesFromJson` reads, in this process or in another one. */
export function preparedCadesToJson(prepared: PreparedCades): string {
  const bytes = BYTES.map(key => [key, toBase64url(prepared[key])] as const)
  return JSON.stringify({ ...prepared, ...Object.fromEntries(bytes), chain: prepared.chain.map(toBase64url) })
}

/** @throws SyntaxError or RangeError when the text is not what `preparedCadesToJson` writes */
export function preparedCadesFromJson(text: string): PreparedCades {
  const members = new JsonMembers(text)
  return {
    contentDigest: members.bytes('contentDigest'),
    signedAttributes: members.bytes('signedAttributes'),
    dtbsr: members.bytes('dtbsr'),
    signatureAlgorithm: members.algorithm('signatureAlgorithm'),
    signingCertificate: members.bytes('signingCertificate'),
    chain: members.listOfBytes('chain'),
  }
}
