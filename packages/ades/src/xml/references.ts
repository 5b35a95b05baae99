/**
 * Text and attribute values with their references replaced: XML 1.0, 3.3.3, 4.1 and 4.6.
 *
 * Only character references and the five predefined entities: others would need a document type declaration, which
 * is refused.
 */
import { FORBIDDEN, withLineFeeds } from './characters.ts'
import { XmlRefusal } from './refusal.ts'

const REFERENCE = /&(?:#([0-9]+)|#x([0-9a-fA-F]+)|([^&;\s]*));|&/g

/** @throws XmlRefusal `xml-malformed` */
export function textOf(raw: string): string {
  return withReferences(withLineFeeds(raw))
}

/** White space becomes spaces, but not where it is written as a reference (3.3.3, for attributes of type CDATA). */
export function attributeValueOf(raw: string): string {
  return withReferences(withLineFeeds(raw).replace(/[\t\n]/g, ' '))
}

function withReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (_, decimal?: string, hexadecimal?: string, name?: string) => {
    if (decimal !== undefined) return characterOf(Number.parseInt(decimal, 10))
    if (hexadecimal !== undefined) return characterOf(Number.parseInt(hexadecimal, 16))
    return PREDEFINED.get(name ?? '') ?? malformed('reference')
  })
}

/** 4.6. */
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
])

function characterOf(code: number): string {
  if (!(code <= 0x10ffff)) return malformed('character reference')
  const character = String.fromCodePoint(code)
  return FORBIDDEN.test(character) ? malformed('character reference') : character
}

function malformed(what: string): never {
  throw new XmlRefusal('xml-malformed', what)
}
