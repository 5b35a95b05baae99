/** FlateDecode with limits, by the platform (ISO 32000-2, 7.4.4), and the PNG predictors of cross-reference streams. */
import { malformed } from '../tokens.ts'
import { countOf, type Dictionary, type Value } from './value.ts'

const MAX_INFLATED_BYTES = 100 * 1024 * 1024

/** The decoded data of a stream with one FlateDecode filter or none. */
export async function decoded(dictionary: Dictionary, data: Uint8Array): Promise<Uint8Array> {
  const filter = onlyOne(dictionary.entries.get('/Filter'))
  if (filter === undefined) return data
  if (filter.kind !== 'atom' || filter.text !== '/FlateDecode') throw malformed('filter')
  return withoutPredictor(await inflated(data), onlyOne(dictionary.entries.get('/DecodeParms')))
}

function onlyOne(value: Value | undefined): Value | undefined {
  if (value?.kind !== 'list') return value
  if (value.items.length > 1) throw malformed('several filters')
  return value.items[0]
}

async function inflated(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data.slice()]).stream().pipeThrough(new DecompressionStream('deflate'))
  const reader = stream.getReader()
  const pieces: Uint8Array[] = []
  let size = 0
  for (let piece = await next(reader); piece !== undefined; piece = await next(reader)) {
    size += piece.length
    if (size > MAX_INFLATED_BYTES) await reader.cancel()
    if (size > MAX_INFLATED_BYTES) throw malformed('too much in a stream')
    pieces.push(piece)
  }
  return new Uint8Array(await new Blob(pieces.map(piece => piece.slice())).arrayBuffer())
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value
  } catch {
    throw malformed('a stream that does not inflate')
  }
}

/** 7.4.4.4; the filter of each row stands before it (PNG: RFC 2083, 6). Of them only None, Sub and Up are undone. */
function withoutPredictor(data: Uint8Array, parameters: Value | undefined): Uint8Array {
  const entries = parameters?.kind === 'dictionary' ? parameters.entries : new Map<string, Value>()
  const predictor = countOf(entries.get('/Predictor')) ?? 1
  if (predictor === 1) return data
  const columns = countOf(entries.get('/Columns')) ?? 1
  const other = ['/Colors', '/BitsPerComponent'].some(key => entries.has(key))
  if (predictor < 10 || columns === 0 || other) throw malformed('predictor')
  return rows(data, columns)
}

function rows(data: Uint8Array, columns: number): Uint8Array {
  const count = Math.floor(data.length / (columns + 1))
  const out = new Uint8Array(count * columns)
  for (let row = 0; row < count; row++) {
    const filter = data[row * (columns + 1)] ?? 0
    if (filter > 2) throw malformed('filter of a row')
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      const left = filter === 1 && column > 0 ? (out[at - 1] ?? 0) : 0
      const above = filter === 2 && row > 0 ? (out[at - columns] ?? 0) : 0
      out[at] = (data[row * (columns + 1) + 1 + column] ?? 0) + left + above
    }
  }
  return out
}
