/** JSON of a signature under validation: anything but what the standard says ends the validation. */
import { fromBase64, fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import { JsonRefused, parseUnambiguousJson } from '@natsuin/pki/json'
import { ValidationEnded } from '../verdict.ts'

export type JsonObject = ReadonlyMap<string, unknown>

export function malformed(what: string): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', what)
}

/** Without members twice (RFC 7515, 4 and 10.12): two readers would take one each. */
export function readJson(text: string, what: string): unknown {
  try {
    return parseUnambiguousJson(text)
  } catch (error) {
    if (error instanceof JsonRefused) throw malformed(`${what}: ${error.message}`)
    throw error
  }
}

export function object(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what}: no object`)
  return new Map(Object.entries(value))
}

/** An object with these members and no others. */
export function exactly(value: unknown, names: readonly string[], what: string): JsonObject {
  const members = object(value, what)
  for (const name of members.keys()) if (!names.includes(name)) throw malformed(`${what}: ${name}`)
  return members
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw malformed(`${what}: no text`)
  return value
}

export function list(value: unknown, what: string, most = Number.POSITIVE_INFINITY): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed(`${what}: no list, or an empty one`)
  if (value.length > most) throw malformed(`${what}: more than ${most}`)
  return value
}

/** In the one spelling that the octets have (RFC 7515, 2). */
export function base64url(value: unknown, what: string): Uint8Array {
  const octets = fromBase64url(text(value, what))
  if (octets === undefined) throw malformed(`${what}: no base64url`)
  return octets
}

export function base64(value: unknown, what: string): Uint8Array {
  const octets = fromBase64(text(value, what))
  if (octets === undefined) throw malformed(`${what}: no base64`)
  return octets
}

export function encodedText(value: unknown, what: string): string {
  const decoded = fromUtf8(base64url(value, what))
  if (decoded === undefined) throw malformed(`${what}: no UTF-8`)
  return decoded
}
