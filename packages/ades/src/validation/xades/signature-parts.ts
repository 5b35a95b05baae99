/**
 * A ds:Signature taken apart, strictly: XMLDSig 1.1, 4.2 and EN 319 132-1 V1.3.1, 4.3 and 4.4.1. Each part is there once
 * and in its place, and what is text has nothing but text in it: a comment in a digest is read in two ways (T-XML-07).
 */
import { fromBase64 } from '@natsuin/pki/encoding'
import { attributeOf, elementsOf, isNamed, type XmlElement } from '../../xml/node.ts'
import { ValidationEnded } from '../verdict.ts'

export const DS = 'http://www.w3.org/2000/09/xmldsig#'
export const XADES = 'http://uri.etsi.org/01903/v1.3.2#'
export const XADES141 = 'http://uri.etsi.org/01903/v1.4.1#'

export interface SignatureParts {
  readonly element: XmlElement
  readonly id: string
  readonly signedInfo: XmlElement
  readonly signatureValue: XmlElement
  /** DER each. */
  readonly certificates: readonly Uint8Array[]
  readonly keyInfo: XmlElement | undefined
  /** Without the one that the qualifying properties are in. */
  readonly objects: readonly XmlElement[]
  readonly signedProperties: XmlElement
  /** The unsigned properties of the signature, in their order. */
  readonly unsigned: readonly XmlElement[]
}

/** @throws ValidationEnded FORMAT_FAILURE */
export function partsOf(element: XmlElement): SignatureParts {
  const [signedInfo, signatureValue, ...rest] = partsIn(element)
  if (!isDs(signedInfo, 'SignedInfo') || !isDs(signatureValue, 'SignatureValue'))
    throw malformed('ds:Signature')
  const keyInfo = isDs(rest[0], 'KeyInfo') ? rest[0] : undefined
  const objects = keyInfo === undefined ? rest : rest.slice(1)
  if (!objects.every(object => isDs(object, 'Object'))) throw malformed('ds:Signature')
  const id = attributeOf(element, 'Id')
  if (id === undefined) throw malformed('ds:Signature without Id')
  const { signedProperties, unsigned, around } = propertiesIn(objects, id)
  return {
    element,
    id,
    signedInfo,
    signatureValue,
    certificates: keyInfo === undefined ? [] : certificatesIn(keyInfo),
    keyInfo,
    objects: objects.filter(object => object !== around),
    signedProperties,
    unsigned,
  }
}

function isDs(element: XmlElement | undefined, name: string): element is XmlElement {
  return element !== undefined && isNamed(element, [DS, name])
}

function propertiesIn(objects: readonly XmlElement[], id: string) {
  const found = objects.flatMap(object =>
    elementsOf(object)
      .filter(child => isNamed(child, [XADES, 'QualifyingProperties']))
      .map(properties => ({ around: object, properties })),
  )
  const [only, ...more] = found
  if (only === undefined || more.length > 0) throw malformed('QualifyingProperties')
  const { around, properties } = only
  if (attributeOf(properties, 'Target') !== `#${id}`) throw malformed('Target')
  const [signedProperties, unsigned, ...others] = partsIn(properties)
  if (
    signedProperties === undefined ||
    !isNamed(signedProperties, [XADES, 'SignedProperties']) ||
    others.length > 0
  )
    throw malformed('SignedProperties')
  return { around, signedProperties, unsigned: unsigned === undefined ? [] : unsignedIn(unsigned) }
}

function unsignedIn(unsigned: XmlElement): readonly XmlElement[] {
  if (!isNamed(unsigned, [XADES, 'UnsignedProperties'])) throw malformed('UnsignedProperties')
  const containers = elementsOf(unsigned).filter(one => isNamed(one, [XADES, 'UnsignedSignatureProperties']))
  if (containers.length > 1) throw malformed('UnsignedSignatureProperties')
  return containers.flatMap(elementsOf)
}

function certificatesIn(keyInfo: XmlElement): readonly Uint8Array[] {
  const data = elementsOf(keyInfo).filter(one => isNamed(one, [DS, 'X509Data']))
  return data.flatMap(one => childrenOf(one, [DS, 'X509Certificate'])).map(bytesIn)
}

export function childrenOf(element: XmlElement, name: readonly [string, string]): readonly XmlElement[] {
  return elementsOf(element).filter(child => isNamed(child, name))
}

/** The one child of the name. */
export function childOf(element: XmlElement, name: readonly [string, string]): XmlElement {
  const [only, ...more] = childrenOf(element, name)
  if (only === undefined || more.length > 0) throw malformed(name[1])
  return only
}

/** The elements in an element that has nothing else in it but white space. */
export function partsIn(element: XmlElement): readonly XmlElement[] {
  for (const node of element.children) {
    const isSpace = node.kind === 'text' && /^[ \t\r\n]*$/.test(node.value)
    if (node.kind !== 'element' && !isSpace) throw malformed(element.localName)
  }
  return elementsOf(element)
}

/** The text of an element that has nothing else in it. */
export function textIn(element: XmlElement): string {
  return element.children
    .map(node => {
      if (node.kind !== 'text') throw malformed(element.localName)
      return node.value
    })
    .join('')
}

/** xsd:base64Binary: white space is allowed anywhere. */
export function bytesIn(element: XmlElement): Uint8Array {
  const bytes = fromBase64(textIn(element).replace(/[ \t\r\n]/g, ''))
  if (bytes === undefined) throw malformed(element.localName)
  return bytes
}

export function algorithmOf(element: XmlElement): string {
  return attributeOf(element, 'Algorithm') ?? ''
}

export function malformed(what: string): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', `malformed: ${what}`)
}
