/**
 * CBOR as authenticators write it: CTAP2 canonical form (CTAP 2.1, 8), of the few types WebAuthn needs.
 *
 * Maps keep the order in which they are given; the callers give it canonically.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'

/** RFC 8949, 3.1: major type in the high three bits. */
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5 } as const

export const unsigned = (value: number): Uint8Array => head(MAJOR.unsigned, value)

/** Any integer; COSE's labels and algorithms are mostly negative. */
export const integer = (value: number): Uint8Array =>
  value < 0 ? head(MAJOR.negative, -1 - value) : unsigned(value)

export const bytes = (value: Uint8Array): Uint8Array => concat(head(MAJOR.bytes, value.length), value)

export const text = (value: string): Uint8Array => concat(head(MAJOR.text, utf8(value).length), utf8(value))

export const array = (...items: readonly Uint8Array[]): Uint8Array =>
  concat(head(MAJOR.array, items.length), ...items)

export const map = (...entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array =>
  concat(head(MAJOR.map, entries.length), ...entries.flat())

function head(major: number, value: number): Uint8Array {
  const type = major << 5
  if (value < 24) return Uint8Array.of(type | value)
  if (value < 0x100) return Uint8Array.of(type | 24, value)
  if (value < 0x10000) return Uint8Array.of(type | 25, value >> 8, value & 0xff)
  throw new RangeError('longer than anything an authenticator writes here')
}
