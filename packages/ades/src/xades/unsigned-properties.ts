/** Unsigned properties put into a signature: EN 319 132-1 V1.3.1, 4.3.3 and 4.3.6. */
import type { XmlElement } from '../xml/node.ts'
import { withChild } from './insertion.ts'
import { declarationsOf, element, type Markup } from './markup.ts'
import { childrenOf, type SignatureStructure } from './signature-structure.ts'
import { XADES } from './vocabulary.ts'

/** The document with the property behind all others of the signature. */
export function withProperty(
  text: string,
  { qualifyingProperties }: SignatureStructure,
  property: Markup,
): string {
  const [unsigned] = childrenOf(qualifyingProperties, [XADES, 'UnsignedProperties'])
  const [container] =
    unsigned === undefined ? [] : childrenOf(unsigned, [XADES, 'UnsignedSignatureProperties'])
  if (container !== undefined) return withChild(text, container, property)
  const declarations = declarationsOf('xades')
  const inner = element('xades:UnsignedSignatureProperties', declarations, property)
  if (unsigned !== undefined) return withChild(text, unsigned, inner)
  return withChild(text, qualifyingProperties, element('xades:UnsignedProperties', declarations, inner))
}

/** The document with the property right behind this one. */
export function withPropertyBehind(text: string, { position }: XmlElement, property: Markup): string {
  return text.slice(0, position.end) + property + text.slice(position.end)
}

/** The document without these properties. */
export function withoutProperties(text: string, properties: readonly XmlElement[]): string {
  const backwards = properties.toSorted((a, b) => b.position.start - a.position.start)
  return backwards.reduce(
    (rest, { position }) => rest.slice(0, position.start) + rest.slice(position.end),
    text,
  )
}
