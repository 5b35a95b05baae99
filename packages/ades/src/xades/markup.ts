/** XML as we write it: elements from parts, values escaped. Prefixes are those of `NAMESPACES`. */
import { toBase64 } from '@natsuin/pki/encoding'
import type { Canonicalisation } from '../xml/canonicalise.ts'
import { canonicalise } from '../xml/canonicalise.ts'
import { elementsOf } from '../xml/node.ts'
import { parseXmlText } from '../xml/parse.ts'
import { NAMESPACES } from './vocabulary.ts'

/** Well-formed wherever the prefixes of `NAMESPACES` are declared. */
export type Markup = string & { readonly markup: unique symbol }

type Attributes = Readonly<Record<string, string | undefined>>

/** An element with the children in their order; those that are `undefined` are not there. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly (Markup | undefined)[]
): Markup {
  const list = Object.entries(attributes).map(([key, value]) => attribute(key, value))
  return `<${name}${list.join('')}>${children.join('')}</${name}>` as Markup
}

function attribute(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  return ` ${name}="${escaped.replace(/[\t\n\r]/g, character => `&#${character.charCodeAt(0)};`)}"`
}

export function text(value: string): Markup {
  const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return escaped.replaceAll('\r', '&#13;') as Markup
}

export function base64(bytes: Uint8Array): Markup {
  return toBase64(bytes) as Markup
}

export function joined(...parts: readonly Markup[]): Markup {
  return parts.join('') as Markup
}

/** The declarations that an element needs which stands anywhere. */
export function declarationsOf(...prefixes: readonly (keyof typeof NAMESPACES)[]): Attributes {
  return Object.fromEntries(prefixes.map(prefix => [`xmlns:${prefix}`, NAMESPACES[prefix]]))
}

/** What we canonicalise by: whatever a signature is put into, the exclusive form stays the same. */
export const EXCLUSIVE: Canonicalisation = { form: 'exc-c14n', withComments: false }

/**
 * The canonical octets of one element.
 *
 * @throws XmlRefusal when a value of the caller's cannot stand in XML
 */
export function canonicalOctets(markup: Markup): Uint8Array<ArrayBuffer> {
  const { root } = parseXmlText(element('around', declarationsOf('ds', 'xades', 'xades141'), markup))
  const [only] = elementsOf(root)
  return canonicalise(only ?? root, EXCLUSIVE)
}
