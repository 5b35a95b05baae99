/**
 * CBOR as authenticators may write it: CTAP 2.1, 8 (a restriction of RFC 8949, 4.2.1), read strictly.
 *
 * Definite lengths, shortest heads, no tags, no floats, no key twice: one value has one encoding, so there is
 * nothing to argue about between this reader and another. The order of keys in a map is not enforced: attestation
 * objects in the field are not sorted, and order cannot change what is read.
 */
import { fromUtf8 } from '@natsuin/pki/encoding'

export type Cbor = number | string | boolean | Uint8Array | readonly Cbor[] | CborMap
export type CborMap = ReadonlyMap<number | string, Cbor>

/** Not one strict CBOR item. */
export class CborError extends Error {
  readonly code = 'cbor-malformed'
}

/** Reads exactly one item that fills `bytes`. @throws CborError */
export function parseCbor(bytes: Uint8Array): Cbor {
  const { item, rest } = parseCborPrefix(bytes)
  if (rest.length > 0) throw new CborError('bytes after the item')
  return item
}

/** Reads one item from the front of `bytes`. @throws CborError */
export function parseCborPrefix(bytes: Uint8Array): { readonly item: Cbor; readonly rest: Uint8Array } {
  const reader = new Reader(bytes)
  const item = reader.item(MAX_DEPTH)
  return { item, rest: reader.rest() }
}

/** Attestation objects nest three deep, those of compound attestation five. */
const MAX_DEPTH = 8
/** No attestation statement has more certificates or map entries. */
const MAX_ENTRIES = 64

/** RFC 8949, 3.1: major types by number. Tags (6) are missing, and of type 7 all but true and false. */
const READERS: Readonly<Record<number, (reader: Reader, argument: number, depth: number) => Cbor>> = {
  0: (_, argument) => argument,
  1: (_, argument) => -1 - argument,
  2: (reader, argument) => reader.take(argument),
  3: (reader, argument) => textOf(reader.take(argument)),
  4: (reader, argument, depth) => entries(argument, () => reader.item(depth - 1)),
  5: (reader, argument, depth) => mapOf(reader, argument, depth),
  7: (_, argument) => simple(argument),
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  item(depth: number): Cbor {
    if (depth === 0) throw new CborError('nested too deep')
    const [head = 0] = this.take(1)
    const read = READERS[head >> 5]
    if (read === undefined) throw new CborError('a tag')
    return read(this, this.#argument(head & 0x1f), depth)
  }

  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    if (taken.length !== length) throw new CborError('cut short')
    this.#at += length
    return taken
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at)
  }

  /** RFC 8949, 3: the argument follows in 0, 1, 2 or 4 bytes, and only in as many as it needs. */
  #argument(short: number): number {
    if (short < 24) return short
    const size = [1, 2, 4][short - 24]
    if (size === undefined) throw new CborError('a length that is indefinite or above 2^32')
    const value = this.take(size).reduce((sum, byte) => sum * 0x100 + byte, 0)
    const least = size === 1 ? 24 : 2 ** (4 * size)
    if (value < least) throw new CborError('a head longer than it needs to be')
    return value
  }
}

function entries<T>(count: number, read: () => T): T[] {
  if (count > MAX_ENTRIES) throw new CborError('too many entries')
  return Array.from({ length: count }, read)
}

function textOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes)
  if (text === undefined) throw new CborError('text that is not UTF-8')
  return text
}

function mapOf(reader: Reader, count: number, depth: number): CborMap {
  const map = new Map<number | string, Cbor>()
  entries(count, () => {
    const key = reader.item(depth - 1)
    if (typeof key !== 'number' && typeof key !== 'string')
      throw new CborError('a key that is no number or text')
    if (map.has(key)) throw new CborError('a key twice')
    map.set(key, reader.item(depth - 1))
  })
  return map
}

/** RFC 8949, 3.3. */
function simple(argument: number): boolean {
  if (argument !== 20 && argument !== 21) throw new CborError('a simple value that is not true or false')
  return argument === 21
}
