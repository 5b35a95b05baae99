/**
 * What an element takes over from ancestors that are left out: Canonical XML 1.0, 2.4 (all attributes in the namespace
 * xml) and Canonical XML 1.1, 2.4 (xml:lang and xml:space; xml:base is combined, xml:id stays where it is).
 */
import { joinReferences } from './join-references.ts'
import { XML_NAMESPACE, type XmlAttribute, type XmlElement } from './node.ts'

/** The attributes of the element with those it takes over. */
export function importedAttributes(element: XmlElement, form: 'c14n' | 'c14n11'): readonly XmlAttribute[] {
  const inherited = new Map<string, XmlAttribute>()
  for (let { parent } = element; parent !== undefined; { parent } = parent) {
    for (const attribute of parent.attributes.filter(isXml))
      if (!inherited.has(attribute.localName)) inherited.set(attribute.localName, attribute)
  }
  for (const attribute of element.attributes.filter(isXml)) inherited.delete(attribute.localName)
  const taken = [...inherited.values()]
  if (form === 'c14n') return [...element.attributes, ...taken]
  const simple = taken.filter(({ localName }) => localName === 'lang' || localName === 'space')
  return withBase([...element.attributes, ...simple], element)
}

function isXml({ namespace }: XmlAttribute): boolean {
  return namespace === XML_NAMESPACE
}

/** 1.1, 2.4: only where one of the ancestors has a base; the values are joined from the innermost outwards. */
function withBase(attributes: readonly XmlAttribute[], element: XmlElement): readonly XmlAttribute[] {
  const bases: string[] = []
  for (let { parent } = element; parent !== undefined; { parent } = parent) bases.push(...baseOf(parent))
  if (bases.length === 0) return attributes
  const value = [...baseOf(element), ...bases].reduce((reference, base) => joinReferences(base, reference))
  const others = attributes.filter(attribute => !isBase(attribute))
  if (value === '') return others
  return [...others, { prefix: 'xml', localName: 'base', namespace: XML_NAMESPACE, value }]
}

function baseOf({ attributes }: XmlElement): readonly string[] {
  return attributes.filter(isBase).map(({ value }) => value)
}

function isBase(attribute: XmlAttribute): boolean {
  return isXml(attribute) && attribute.localName === 'base'
}
