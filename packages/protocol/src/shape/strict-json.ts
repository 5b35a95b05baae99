/**
 * JSON in its one spelling: the form in which the bytes that people approve and keys sign are written.
 *
 * JSON has many spellings of one value (white space, escapes, repeated members, 1e0), and parsers disagree about
 * some. Bytes are accepted only when writing the parsed value gives the same bytes again, so that every reader
 * of accepted bytes sees the same value. This is a check, not a canonicalisation: nothing is ever rewritten.
 */
import { equal, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { type Shape, ShapeError } from './shape.ts'

/** UTF-8 bytes of the one spelling of a JSON value. */
export function writeJson(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify(value))
}

/** The typed value in these bytes. @throws ShapeError */
export function readStrictJson<T>(bytes: Uint8Array, shape: Shape<T>): T {
  const written = fromUtf8(bytes)
  if (written === undefined) throw new ShapeError('', 'UTF-8')
  const value = parse(written)
  if (!equal(writeJson(value), bytes)) throw new ShapeError('', 'the one spelling of its JSON')
  return shape(value)
}

function parse(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    throw new ShapeError('', 'JSON')
  }
}
