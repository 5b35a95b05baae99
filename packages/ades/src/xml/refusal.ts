/**
 * Why an XML document is not read: one table of codes with a sentence each.
 *
 * A document is refused, never repaired: what we canonicalise must be what every other reader of the document sees.
 */
import { TypedRefusal } from '../typed-refusal.ts'

/** Every reason, with the sentence an edge may show. The key is the code. */
export const XML_REFUSALS = {
  'xml-encoding': 'The document is not XML 1.0 in UTF-8.',
  'xml-malformed': 'The document is not well-formed XML.',
  'xml-namespaces': 'The document uses namespaces in a way that is not allowed.',
  'xml-doctype': 'The document has a document type declaration.',
  'xml-limit-exceeded': 'The document exceeds a limit on depth or count.',
} as const satisfies Readonly<Record<string, string>>

export type XmlRefusalCode = keyof typeof XML_REFUSALS

/** An expected "no" about a document. */
export class XmlRefusal extends TypedRefusal<XmlRefusalCode> {
  override readonly name = 'XmlRefusal'

  constructor(code: XmlRefusalCode, detail?: string) {
    super(XML_REFUSALS, code, detail)
  }
}
