/** The formats that the commands know. */
import type { ByteSource } from '@natsuin/ades/pdf'
import { UsageError } from '../command.ts'

const FORMATS = ['pades', 'cades', 'jades', 'xades', 'asic'] as const

export type Format = (typeof FORMATS)[number]

/** @throws UsageError */
export function formatOf(text: string): Format {
  const format = FORMATS.find(name => name === text)
  if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`)
  return format
}

/**
 * Of a file, by how it begins: a JSON signature is an object, or base64url of one; XML begins with a tag, a
 * CMS signature says so (RFC 5652, 3), and a container is a ZIP file.
 */
export async function formatIn(document: ByteSource): Promise<Format> {
  const bytes = await document.read(0, Math.min(64, document.size))
  const head = Array.from(bytes, byte => String.fromCharCode(byte)).join('')
  const [format] = BEGINNINGS.find(([, beginning]) => beginning.test(head)) ?? ['pades']
  return format
}

// The byte order mark of UTF-8, one character a byte, may stand before XML.
const BEGINNINGS: readonly (readonly [Format, RegExp])[] = [
  ['jades', /^\s*(?:\{|eyJ)/],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: octets are what is looked at.
  ['cades', /^0[\s\S]{1,5}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02/],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: octets are what is looked at.
  ['asic', /^PK\x03\x04/],
  ['xades', /^(?:\xEF\xBB\xBF)?\s*</],
]
