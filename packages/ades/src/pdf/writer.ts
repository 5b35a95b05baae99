/** Objects to bytes: ISO 32000-2, 7.3. Numbers keep the spelling they were read with. */
import { concat, toHex, utf8 } from '@natsuin/pki/encoding'
import type { PdfObject } from './objects.ts'

export function writeObject(object: PdfObject): Uint8Array {
  return utf8(text(object))
}

/** All output is ASCII: names are escaped and strings that are not plain text are hexadecimal. */
function text(object: PdfObject): string {
  if (object === null || typeof object === 'boolean') return String(object)
  if (object.type === 'number') return object.spelling
  if (object.type === 'name') return nameText(object.name)
  if (object.type === 'string') return stringText(object.bytes)
  if (object.type === 'reference') return `${object.number} ${object.generation} R`
  if (object.type === 'array') return `[${object.items.map(text).join(' ')}]`
  return `<<${[...object.entries].map(([key, value]) => `${nameText(key)} ${text(value)}`).join(' ')}>>`
}

function nameText(name: string): string {
  const escaped = name.replace(/[^!-~]|[#()<>[\]{}/%]/g, character => {
    return `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `/${escaped}`
}

function stringText(bytes: Uint8Array): string {
  if (!bytes.every(byte => byte >= 0x20 && byte < 0x7f)) return `<${toHex(bytes)}>`
  return `(${String.fromCharCode(...bytes).replace(/[\\()]/g, '\\$&')})`
}

/** `N G obj … endobj`; also how far into it the body begins. */
export function writeIndirectObject(
  { number, generation }: { readonly number: number; readonly generation: number },
  body: Uint8Array,
): { readonly bytes: Uint8Array; readonly bodyOffset: number } {
  const head = utf8(`${number} ${generation} obj\n`)
  return { bytes: concat(head, body, utf8('\nendobj\n')), bodyOffset: head.length }
}
