/**
 * Seals: how software of an organisation approves, with a key of its own and nobody present (sole-control 7).
 *
 * A seal is a compact JWS (RFC 7515) over the bytes of the statement, without them (RFC 7515, appendix F): they travel
 * beside it. Its header is one constant that is compared as bytes.
 */
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { fromBase64url, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { ShapeError, text } from '../shape/shape.ts'
import { writeJson } from '../shape/strict-json.ts'

const HEADER = toBase64url(writeJson({ alg: 'ES256', typ: 'natsuin-approval' }))
const SIGNATURE_BYTES = 64

export const sealText = text({ max: 512, pattern: /^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$/ })

/** What the key signs with ECDSA, P-256 and SHA-256 (RFC 7518, 3.4); then `finishSeal`. */
export function sealInput(statement: Uint8Array): Uint8Array<ArrayBuffer> {
  return utf8(`${HEADER}.${toBase64url(statement)}`)
}

/** @param signature r || s, 64 bytes */
export function finishSeal(signature: Uint8Array): string {
  return `${HEADER}..${toBase64url(signature)}`
}

/** The signature, as DER ECDSA-Sig-Value over `sealInput` of the statement. @throws ShapeError when it is no seal */
export function sealSignature(seal: string): Uint8Array<ArrayBuffer> {
  const [head, payload, tail, rest] = seal.split('.')
  const signature = fromBase64url(tail ?? '')
  const isSeal = head === HEADER && payload === '' && signature?.length === SIGNATURE_BYTES
  if (!isSeal || rest !== undefined) throw new ShapeError('', 'a seal')
  return buildEcdsaSigValue(signature)
}
