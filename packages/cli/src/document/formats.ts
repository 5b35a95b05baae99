/** The formats that the commands know. */
import type { ByteSource } from '@natsuin/ades/pdf'
import { UsageError } from '../command.ts'

const FORMATS = ['pades', 'jades', 'xades'] as const

export type Format = (typeof FORMATS)[number]

/** @throws UsageError */
export function formatOf(text: string): Format {
  const format = FORMATS.find(name => name === text)
  if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`)
  return format
}

/** Of a file, by how it begins: a JSON signature is an object, or base64url of one; XML begins with a tag. */
export async function formatIn(document: ByteSource): Promise<Format> {
  const head = new TextDecoder('latin1').decode(await document.read(0, Math.min(64, document.size)))
  const [format] = BEGINNINGS.find(([, beginning]) => beginning.test(head)) ?? ['pades']
  return format
}

// The byte order mark of UTF-8, one character a byte, may stand before XML.
const BEGINNINGS: readonly (readonly [Format, RegExp])[] = [
  ['jades', /^\s*(?:\{|eyJ)/],
  ['xades', /^(?:\xEF\xBB\xBF)?\s*</],
]
