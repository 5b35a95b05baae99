/**
 * Typed values back to JSON members: bytes to base64url, absent members left out.
 *
 * The shapes read base64url into bytes; this writes it again. Member order is the order in which the value was
 * built, so a value that was read and is written again gives the same bytes.
 */
import { toBase64url } from '@natsuin/pki/encoding'

export type Wire<T> = T extends Uint8Array
  ? string
  : T extends readonly (infer E)[]
    ? Wire<E>[]
    : T extends object
      ? { -readonly [K in keyof T]: Wire<T[K]> }
      : T

export function toWire<T>(value: T): Wire<T> {
  return wire(value) as Wire<T> // `wire` walks the value exactly as the type Wire does
}

function wire(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64url(value)
  if (Array.isArray(value)) return value.map(wire)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wire(member)]))
}
