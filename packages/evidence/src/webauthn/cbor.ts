/**
 * CBOR as authenticators write it: RFC 8949, 4.2.1 core deterministic, without floats and tags.
 *
 * WebAuthn Level 3, 6.5 and CTAP 2.2, 8 want definite lengths and shortest integers; anything else is refused,
 * so that one registration has one reading.
 */
export type Cbor = number | string | boolean | null | Uint8Array | readonly Cbor[] | ReadonlyMap<Cbor, Cbor>

export class CborError extends Error {
  readonly code = 'malformed-cbor'
}

/** One item and nothing after it. @throws CborError */
export function readCbor(bytes: Uint8Array): Cbor {
  const { value, length } = readCborPrefix(bytes)
  if (length !== bytes.length) throw new CborError('bytes after the item')
  return value
}

/** One item, and how many bytes it took. @throws CborError */
export function readCborPrefix(bytes: Uint8Array): { readonly value: Cbor; readonly length: number } {
  const reader = new Reader(bytes)
  const value = reader.item(0)
  return { value, length: reader.offset }
}

const MAX_DEPTH = 8

class Reader {
  offset = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  item(depth: number): Cbor {
    if (depth > MAX_DEPTH) throw new CborError('too deep')
    const initial = this.#take(1)[0] ?? 0
    const read = READERS[initial >> 5]
    if (read === undefined) throw new CborError('a tag')
    return read(this, initial & 31, depth)
  }

  /** RFC 8949, 3: the argument of an initial byte; only the shortest form. */
  argument(information: number): number {
    if (information < 24) return information
    if (information > 26) throw new CborError('a length that is indefinite or needs 64 bits')
    const width = 1 << (information - 24)
    const value = this.#take(width).reduce((sum, byte) => sum * 256 + byte, 0)
    if (value < (width === 1 ? 24 : 2 ** (4 * width)))
      throw new CborError('an integer that is not the shortest')
    return value
  }

  bytes(information: number): Uint8Array {
    return this.#take(this.argument(information))
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.offset, this.offset + length)
    if (taken.length !== length) throw new CborError('cut short')
    this.offset += length
    return taken
  }
}

type ReadItem = (reader: Reader, information: number, depth: number) => Cbor

/** One reader per major type, 0 to 7 without 6 (tags). */
const READERS: readonly (ReadItem | undefined)[] = [
  (reader, information) => reader.argument(information),
  (reader, information) => -1 - reader.argument(information),
  (reader, information) => reader.bytes(information),
  (reader, information) => readText(reader.bytes(information)),
  (reader, information, depth) => readArray(reader, reader.argument(information), depth),
  (reader, information, depth) => readMap(reader, reader.argument(information), depth),
  undefined,
  (_, information) => readSimple(information),
]

function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CborError('text that is not UTF-8')
  }
}

function readArray(reader: Reader, length: number, depth: number): Cbor[] {
  const items: Cbor[] = []
  for (let i = 0; i < length; i++) items.push(reader.item(depth + 1))
  return items
}

function readMap(reader: Reader, length: number, depth: number): Map<Cbor, Cbor> {
  const map = new Map<Cbor, Cbor>()
  for (let i = 0; i < length; i++) {
    const key = reader.item(depth + 1)
    if (typeof key === 'object' || map.has(key))
      throw new CborError('a key that is not plain, or stands twice')
    map.set(key, reader.item(depth + 1))
  }
  return map
}

const SIMPLE = new Map<number, boolean | null>([
  [20, false],
  [21, true],
  [22, null],
])

function readSimple(information: number): boolean | null {
  const value = SIMPLE.get(information)
  if (value === undefined) throw new CborError('a float or an unknown simple value')
  return value
}
