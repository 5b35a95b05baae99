/** The formats that the commands know. */
import type { ByteSource } from '@natsuin/ades/pdf'
import { UsageError } from '../command.ts'

const FORMATS = ['pades', 'jades'] as const

export type Format = (typeof FORMATS)[number]

/** @throws UsageError */
export function formatOf(text: string): Format {
  const format = FORMATS.find(name => name === text)
  if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`)
  return format
}

/** Of a file that is signed already, by how it begins: a JSON signature is an object, or base64url of one. */
export async function formatIn(document: ByteSource): Promise<Format> {
  const head = new TextDecoder('latin1').decode(await document.read(0, Math.min(64, document.size)))
  return /^\s*(?:\{|eyJ)/.test(head) ? 'jades' : 'pades'
}
