/**
 * Values of PDF (ISO 32000-2, 7.3), read from text: what the verifier needs to compare two versions of an object, and
 * no code in common with the reader that signs.
 *
 * Atoms are kept in one spelling each, so that values are the same exactly when readers take them for the same:
 * names without escapes, strings as hexadecimal digits, numbers as numbers.
 */
import { toHex } from '@natsuin/pki/encoding'
import { malformed, nextToken, type Token } from '../tokens.ts'

export type Value =
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'dictionary'; readonly entries: ReadonlyMap<string, Value> }
  | { readonly kind: 'reference'; readonly number: number; readonly generation: number }

export type Dictionary = Extract<Value, { kind: 'dictionary' }>

export const NULL: Value = { kind: 'atom', text: 'null' }
const MAX_DEPTH = 64

export interface Parsed {
  readonly value: Value
  /** Where in the text the value ends. */
  readonly end: number
}

/** @throws ValidationEnded where there is no value at this place */
export function valueAt(text: string, at: number, depth = 0): Parsed {
  if (depth > MAX_DEPTH) throw malformed('nesting')
  const token = nextToken(text, at)
  if (token.text === '<<') return dictionaryValue(text, token.end, depth)
  if (token.text === '[') return listValue(text, token.end, depth)
  return referenceAt(text, token) ?? { value: { kind: 'atom', text: spelled(token.text) }, end: token.end }
}

function listValue(text: string, from: number, depth: number): Parsed {
  const items: Value[] = []
  let at = from
  while (nextToken(text, at).text !== ']') {
    const { value, end } = valueAt(text, at, depth + 1)
    items.push(value)
    at = end
  }
  return { value: { kind: 'list', items }, end: nextToken(text, at).end }
}

function dictionaryValue(text: string, from: number, depth: number): Parsed {
  const entries = new Map<string, Value>()
  let at = from
  for (let key = nextToken(text, at); key.text !== '>>'; key = nextToken(text, at)) {
    const name = spelled(key.text)
    if (!name.startsWith('/') || entries.has(name)) throw malformed('key of a dictionary')
    const { value, end } = valueAt(text, key.end, depth + 1)
    entries.set(name, value)
    at = end
  }
  return { value: { kind: 'dictionary', entries }, end: nextToken(text, at).end }
}

const COUNT = /^\d{1,10}$/

function referenceAt(text: string, token: Token): Parsed | undefined {
  if (!COUNT.test(token.text)) return undefined
  const [, generation, end] = REFERENCE.exec(text.slice(token.end, token.end + REFERENCE_BYTES)) ?? []
  if (generation === undefined || end === undefined) return undefined
  const value = { kind: 'reference', number: Number(token.text), generation: Number(generation) } as const
  return { value, end: token.end + end.length }
}

const REFERENCE_BYTES = 64
const REFERENCE =
  /^(?=[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>[\]{}/%]))([\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+R)/

function spelled(token: string): string {
  if (token.startsWith('/'))
    return token.replace(/#([0-9A-Fa-f]{2})/g, (_, digits: string) => fromHex(digits))
  if (token.startsWith('(')) return stringOfBytes(bytesIn(literalText(token.slice(1, -1))))
  if (token.startsWith('<')) return `<${hexDigits(token)}>`
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(token) ? String(Number(token)) : token
}

/** An odd last digit is followed by a zero (7.3.4.3). */
function hexDigits(token: string): string {
  const digits = token.replace(/[<>\0\t\n\f\r ]/g, '').toLowerCase()
  return digits.length % 2 === 0 ? digits : `${digits}0`
}

const fromHex = (digits: string) => String.fromCharCode(Number.parseInt(digits, 16))
const bytesIn = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** 7.3.4.2: escapes; a line break is a line feed, and none after a reverse solidus. */
function literalText(body: string): string {
  return body.replace(/\\(?:([0-7]{1,3})|(\r\n|[\s\S]))|\r\n?/g, (_, octal?: string, escaped?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
    if (escaped === undefined) return '\n'
    return /^[\r\n]/.test(escaped) ? '' : (ESCAPES[escaped] ?? escaped)
  })
}

/** The bytes that a string stands for, as `spelled` writes strings. */
export function bytesOfString(text: string): Uint8Array {
  return Uint8Array.from(text.slice(1, -1).match(/../g) ?? [], digits => Number.parseInt(digits, 16))
}

export function stringOfBytes(bytes: Uint8Array): string {
  return `<${toHex(bytes)}>`
}

/** The value with other strings; Contents of a signature, beside ByteRange, is not encrypted (7.6.2). */
export async function mapStrings(value: Value, map: (text: string) => Promise<string>): Promise<Value> {
  if (value.kind === 'list')
    return { ...value, items: await Promise.all(value.items.map(item => mapStrings(item, map))) }
  if (value.kind === 'dictionary') return mapEntries(value, map)
  return value.kind === 'atom' && value.text.startsWith('<')
    ? { ...value, text: await map(value.text) }
    : value
}

async function mapEntries({ entries }: Dictionary, map: (text: string) => Promise<string>): Promise<Value> {
  const isSignature = entries.has('/ByteRange')
  const mapped = Array.from(entries, async ([key, value]): Promise<readonly [string, Value]> => {
    return [key, isSignature && key === '/Contents' ? value : await mapStrings(value, map)]
  })
  return { kind: 'dictionary', entries: new Map(await Promise.all(mapped)) }
}

export function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return canonical(a ?? NULL) === canonical(b ?? NULL)
}

function canonical(value: Value): string {
  if (value.kind === 'atom') return value.text
  if (value.kind === 'reference') return `${value.number} ${value.generation} R`
  if (value.kind === 'list') return `[${value.items.map(canonical).join(' ')}]`
  const entries = [...value.entries].map(([key, entry]) => `${key} ${canonical(entry)}`)
  return `<<${entries.sort().join(' ')}>>`
}

/** A whole number of at least 0; `undefined` for everything else. */
export function countOf(value: Value | undefined): number | undefined {
  return value?.kind === 'atom' && /^\d{1,15}$/.test(value.text) ? Number(value.text) : undefined
}
