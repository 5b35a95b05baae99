/** A prepared signature as JSON, to be stored or handed to whoever completes it. Bytes are base64url. */
import { toBase64url } from '@natsuin/pki/encoding'
import { JsonMembers } from '../signing/json-members.ts'
import type { PreparedXades } from './prepare.ts'

const BYTES = ['before', 'after', 'signedInfo', 'dtbsr', 'signingCertificate'] as const

/** The text that `preparedXadesFromJson` reads, in this process or in another one. */
export function preparedXadesToJson(prepared: PreparedXades): string {
  const bytes = BYTES.map(key => [key, toBase64url(prepared[key])] as const)
  return JSON.stringify({ ...prepared, ...Object.fromEntries(bytes), chain: prepared.chain.map(toBase64url) })
}

/** @throws SyntaxError or RangeError when the text is not what `preparedXadesToJson` writes */
export function preparedXadesFromJson(text: string): PreparedXades {
  const members = new JsonMembers(text)
  return {
    before: members.bytes('before'),
    after: members.bytes('after'),
    signature: members.text('signature'),
    signatureId: members.text('signatureId'),
    signedInfo: members.bytes('signedInfo'),
    dtbsr: members.bytes('dtbsr'),
    signatureAlgorithm: members.algorithm('signatureAlgorithm'),
    signingCertificate: members.bytes('signingCertificate'),
    chain: members.listOfBytes('chain'),
  }
}
