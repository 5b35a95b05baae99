export { derOfBer } from './ber.ts'
export { DerError, type DerReason } from './der-error.ts'
export { DerNode } from './der-node.ts'
export { Fields, fieldsOf, readFields } from './fields.ts'
export { OID } from './oid.ts'
export { DER_LIMITS, type DerLimits, elementsOf, leadingElement, parseDer } from './parse.ts'
export {
  compareEncodings,
  expectTag,
  isText,
  readBitString,
  readBoolean,
  readEnumerated,
  readGeneralizedTime,
  readInteger,
  readIntegerBytes,
  readNamedBits,
  readNull,
  readOctetString,
  readOid,
  readSequence,
  readSetOf,
  readSmallInteger,
  readText,
  readTime,
  readUnsignedBytes,
  readUnsortedSetOf,
} from './read.ts'
export { contextConstructed, contextPrimitive, TAG } from './tags.ts'
export {
  bitString,
  boolean,
  type Der,
  element,
  enumerated,
  explicit,
  generalizedTime,
  headerOctets,
  ia5String,
  implicit,
  integer,
  namedBits,
  null_,
  octetString,
  oid,
  printableString,
  retag,
  sequence,
  set,
  time,
  unsignedInteger,
  utcTime,
  utf8String,
} from './write.ts'
