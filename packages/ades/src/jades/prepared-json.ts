/** A prepared signature as JSON, to be stored or handed to whoever completes it. Bytes are base64url. */
import { toBase64url } from '@natsuin/pki/encoding'
import { invalid, JsonMembers } from '../signing/json-members.ts'
import { JADES_SERIALIZATIONS, type JadesSerialization } from './jws.ts'
import type { PreparedJades } from './prepare.ts'

const BYTES = ['signingInput', 'dtbsr', 'signingCertificate'] as const

/** The text that `preparedJadesFromJson` reads, in this process or in another one. */
export function preparedJadesToJson(prepared: PreparedJades): string {
  const bytes = BYTES.map(key => [key, toBase64url(prepared[key])] as const)
  return JSON.stringify({ ...prepared, ...Object.fromEntries(bytes) })
}

/** @throws SyntaxError or RangeError when the text is not what `preparedJadesToJson` writes */
export function preparedJadesFromJson(text: string): PreparedJades {
  const members = new JsonMembers(text)
  return {
    serialization: serializationOf(members.text('serialization')),
    protectedHeader: members.text('protectedHeader'),
    ...(members.has('payload') ? { payload: members.text('payload') } : {}),
    signingInput: members.bytes('signingInput'),
    dtbsr: members.bytes('dtbsr'),
    signatureAlgorithm: members.algorithm('signatureAlgorithm'),
    signingCertificate: members.bytes('signingCertificate'),
  }
}

function serializationOf(text: string): JadesSerialization {
  return JADES_SERIALIZATIONS.find(name => name === text) ?? invalid('a serialization')
}
