/** PEM (RFC 7468): one label, base64 in lines of 64. */
import { fromBase64, toBase64 } from '../encoding/base64.ts'

/** `-----BEGIN label-----` … with a final newline. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).replace(/.{64}(?!$)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

/** Every block with this label, in order; text between blocks is ignored, a block that is not base64 is left out. */
export function fromPem(label: string, text: string): readonly Uint8Array[] {
  const block = new RegExp(`-----BEGIN ${label}-----\\s([A-Za-z0-9+/=\\s]*)-----END ${label}-----`, 'g')
  return [...text.matchAll(block)].flatMap(([, body = '']) => fromBase64(body.replace(/\s/g, '')) ?? [])
}
