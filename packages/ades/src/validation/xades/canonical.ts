/** The canonicalisation that an element names, if it is one that we follow. */
import { canonicalisationOf } from '../../xml/c14n-methods.ts'
import type { Canonicalisation } from '../../xml/canonicalise.ts'
import { attributeOf, elementsOf, isNamed, type XmlElement } from '../../xml/node.ts'
import { algorithmOf, malformed } from './signature-parts.ts'

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/**
 * @param element  ds:CanonicalizationMethod or ds:Transform
 * @returns `undefined` for any other algorithm
 */
export function canonicalisationIn(element: XmlElement): Canonicalisation | undefined {
  const canonicalisation = canonicalisationOf(algorithmOf(element))
  const [parameter, ...more] = elementsOf(element)
  if (canonicalisation === undefined || parameter === undefined) return canonicalisation
  const isList =
    isNamed(parameter, [EXCLUSIVE, 'InclusiveNamespaces']) && canonicalisation.form === 'exc-c14n'
  if (!isList || more.length > 0) throw malformed('parameter of a canonicalisation')
  const prefixes = attributeOf(parameter, 'PrefixList') ?? ''
  return { ...canonicalisation, inclusivePrefixes: prefixes.split(/[ \t\r\n]+/).filter(one => one !== '') }
}
