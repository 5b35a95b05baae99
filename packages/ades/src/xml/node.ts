/**
 * An XML document as canonicalisation needs it: the nodes of the XPath data model (Canonical XML 1.0, 2.1), with what
 * in the text they came from, so that a signature can be put in without touching anything else.
 */

export interface XmlDocument {
  readonly kind: 'document'
  /** The document as it was read; positions are into it. */
  readonly text: string
  readonly root: XmlElement
  /** Root, comments and processing instructions in their order. */
  readonly children: readonly XmlNode[]
}

export interface XmlElement {
  readonly kind: 'element'
  /** Empty where there is none. */
  readonly prefix: string
  readonly localName: string
  /** Empty where there is none. */
  readonly namespace: string
  /** Declared on this element: prefix (empty for the default namespace) to namespace (empty to undeclare). */
  readonly declarations: ReadonlyMap<string, string>
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlNode[]
  readonly parent: XmlElement | undefined
  readonly position: XmlPosition
}

export interface XmlPosition {
  readonly start: number
  /** Behind the start-tag; for an empty-element tag, behind it. */
  readonly contentStart: number
  /** Before the end-tag; for an empty-element tag, behind it. */
  readonly contentEnd: number
  readonly end: number
}

export interface XmlAttribute {
  readonly prefix: string
  readonly localName: string
  readonly namespace: string
  readonly value: string
}

export interface XmlText {
  readonly kind: 'text'
  readonly value: string
}

export interface XmlComment {
  readonly kind: 'comment'
  readonly value: string
}

export interface XmlInstruction {
  readonly kind: 'instruction'
  readonly target: string
  readonly value: string
}

export type XmlNode = XmlElement | XmlText | XmlComment | XmlInstruction

export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'

export function elementsOf({ children }: XmlDocument | XmlElement): readonly XmlElement[] {
  return children.filter(child => child.kind === 'element')
}

/** The element and everything below it, in document order; without recursion, because depth is the document's. */
export function* descendantsOf(element: XmlElement): Generator<XmlElement> {
  const pending = [element]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next
    for (const child of elementsOf(next).toReversed()) pending.push(child)
  }
}

/** In scope at an element: prefix to namespace, without those that are undeclared and without `xml`. */
export function namespacesOf(element: XmlElement): ReadonlyMap<string, string> {
  const around: ReadonlyMap<string, string>[] = []
  for (let one: XmlElement | undefined = element; one !== undefined; one = one.parent)
    around.unshift(one.declarations)
  const namespaces = new Map<string, string>()
  for (const [prefix, namespace] of around.flatMap(declarations => [...declarations])) {
    if (namespace === '') namespaces.delete(prefix)
    else if (prefix !== 'xml') namespaces.set(prefix, namespace)
  }
  return namespaces
}

/** The value of an attribute without a namespace. */
export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
  return attributes.find(({ namespace, localName }) => namespace === '' && localName === name)?.value
}

export function isNamed(
  { namespace, localName }: XmlElement,
  [wanted, name]: readonly [string, string],
): boolean {
  return namespace === wanted && localName === name
}
