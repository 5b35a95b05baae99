/** How much structure is read before a document is refused with `xml-limit-exceeded`. How long it is, is no matter. */
export interface XmlLimits {
  /** Elements in elements. */
  readonly depth: number
  /** Attributes and namespace declarations of one element. */
  readonly attributes: number
  /** Namespace declarations on an element and all that it is in. */
  readonly namespaces: number
}

export const DEFAULT_XML_LIMITS: XmlLimits = { depth: 512, attributes: 1024, namespaces: 4096 }
