export { canonicalisationOf, uriOfCanonicalisation } from './c14n-methods.ts'
export { type CanonicalForm, type Canonicalisation, canonicalise, type Omission } from './canonicalise.ts'
export { DEFAULT_XML_LIMITS, type XmlLimits } from './limits.ts'
export type {
  XmlAttribute,
  XmlComment,
  XmlDocument,
  XmlElement,
  XmlInstruction,
  XmlNode,
  XmlPosition,
  XmlText,
} from './node.ts'
export { parseXml } from './parse.ts'
export { XML_REFUSALS, XmlRefusal, type XmlRefusalCode } from './refusal.ts'
