/**
 * Compact JWS by the SAM key (RFC 7515, 3.1; ES256 of RFC 7518, 3.4), one `typ` per kind of statement.
 *
 * The one SAM key signs tickets and key attestations; the `typ` in the header keeps them apart, and checkpoints
 * contain a line feed, which no JWS signing input does. The header is a constant per type and is compared as
 * bytes: nothing is negotiated (RFC 8725, 3.1 and 3.11).
 */
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { fromBase64url, toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { Verifier } from '@natsuin/pki/platform'
import { type Shape, ShapeError } from '../shape/shape.ts'
import { readStrictJson, writeJson } from '../shape/strict-json.ts'
import { toWire } from './wire.ts'

export type SamStatementType =
  | 'natsuin-ticket'
  | 'natsuin-key-attestation'
  | 'natsuin-import-key'
  /** By which the SAM shows an identity provider who it is (RFC 7523, 3). */
  | 'client-authentication+jwt'

/** The bytes to sign: header "." payload. Sign their SHA-256 with P-256, then `finishJws`. */
export function jwsSigningInput(type: SamStatementType, payload: unknown): string {
  return `${header(type)}.${toBase64url(writeJson(toWire(payload)))}`
}

/** @param signature r || s, 64 bytes (RFC 7518, 3.4) */
export function finishJws(signingInput: string, signature: Uint8Array): string {
  return `${signingInput}.${toBase64url(signature)}`
}

/** The payload, without looking at the signature: only for finding out whom to ask. @throws ShapeError */
export function peekJws<T>(jws: string, type: SamStatementType, shape: Shape<T>): T {
  return split(jws, type, shape).payload
}

/**
 * The payload of a genuine statement; `undefined` when the signature is not by this key.
 *
 * @param samKey DER SubjectPublicKeyInfo of the pinned SAM key (P-256)
 * @throws ShapeError when the text is not a statement of this type at all
 */
export async function verifyJws<T>(
  jws: string,
  type: SamStatementType,
  shape: Shape<T>,
  samKey: Uint8Array,
  verifier: Verifier,
): Promise<T | undefined> {
  const { signingInput, payload, signature } = split(jws, type, shape)
  const genuine = await verifier.verify({
    algorithm: 'ecdsa-sha256',
    spki: samKey,
    data: utf8(signingInput),
    signature: buildEcdsaSigValue(signature),
  })
  return genuine ? payload : undefined
}

function header(type: SamStatementType): string {
  return toBase64url(writeJson({ alg: 'ES256', typ: type }))
}

function split<T>(jws: string, type: SamStatementType, shape: Shape<T>) {
  const [head, body, tail, rest] = jws.split('.')
  const payload = fromBase64url(body ?? '')
  const signature = fromBase64url(tail ?? '')
  if (head !== header(type) || payload === undefined || signature?.length !== 64 || rest !== undefined) {
    throw new ShapeError('', `a compact JWS of type ${type}`)
  }
  return { signingInput: `${head}.${body}`, payload: readStrictJson(payload, shape), signature }
}
