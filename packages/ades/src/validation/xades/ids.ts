/**
 * Elements by their Ids. Without a DTD nobody knows which attributes are Ids, and readers differ: every attribute that
 * anybody takes for one counts, and one that is there twice names nothing (T-XML-04).
 */
import { descendantsOf, type XmlAttribute, type XmlElement } from '../../xml/node.ts'

export class ElementsById {
  readonly #elements = new Map<string, XmlElement | 'several'>()

  constructor(root: XmlElement) {
    for (const element of descendantsOf(root))
      for (const { value } of element.attributes.filter(isId)) this.#add(value, element)
  }

  /** `undefined` where there is none, or more than one. */
  get(id: string): XmlElement | undefined {
    const found = this.#elements.get(id)
    return found === 'several' ? undefined : found
  }

  #add(id: string, element: XmlElement): void {
    const other = this.#elements.get(id)
    this.#elements.set(id, other === undefined || other === element ? element : 'several')
  }
}

function isId({ localName }: XmlAttribute): boolean {
  return localName.toLowerCase() === 'id'
}
