/** Indirect objects as they stand in the file: ISO 32000-2, 7.3.10. */
import type { ByteSource } from '../../pdf/byte-source.ts'
import { malformed, nextToken } from '../tokens.ts'
import { ValidationEnded } from '../verdict.ts'
import { NULL, type Value, valueAt } from './value.ts'

export interface ObjectText {
  readonly number: number
  readonly generation: number
  readonly value: Value
  /** Where the data begin, when it is a stream. */
  readonly dataAt: number | undefined
}

const FIRST_WINDOW = 4096
const MAX_WINDOW = 16 * 1024 * 1024

/** The object at the offset; what does not fit into a window is read again in a larger one. */
export async function objectAt(source: ByteSource, offset: number): Promise<ObjectText> {
  for (let window = FIRST_WINDOW; ; window *= 16) {
    const end = Math.min(offset + window, source.size)
    const text = await textOf(source, offset, end)
    try {
      return objectIn(text, offset)
    } catch (error) {
      if (!(error instanceof ValidationEnded) || end === source.size || window >= MAX_WINDOW) throw error
    }
  }
}

const HEAD = /^(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj(?![^\0\t\n\f\r ()<>[\]{}/%])/

function objectIn(text: string, offset: number): ObjectText {
  const [head, number, generation] = HEAD.exec(text) ?? []
  if (head === undefined) throw malformed('object')
  // An object without a value is null: nothing refers to it, or it would be refused where it is needed.
  const isEmpty = nextToken(text, head.length).text === 'endobj'
  const { value, end } = isEmpty ? { value: NULL, end: head.length } : valueAt(text, head.length)
  const frame = { number: Number(number), generation: Number(generation), value }
  const keyword = nextToken(text, end)
  if (keyword.text === 'endobj') return { ...frame, dataAt: undefined }
  const [line] = /^\r?\n/.exec(text.slice(keyword.end, keyword.end + 2)) ?? []
  if (keyword.text !== 'stream' || line === undefined) throw malformed('end of an object')
  return { ...frame, dataAt: offset + keyword.end + line.length }
}

/** One character a byte: the encoding of the web that is called latin1 has no others. */
export async function textOf(source: ByteSource, start: number, end: number): Promise<string> {
  return new TextDecoder('latin1').decode(await source.read(start, end - start))
}
