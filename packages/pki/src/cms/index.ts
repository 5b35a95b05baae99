export {
  type Attribute,
  type Attributes,
  attribute,
  buildSignedAttributes,
  parseSignedAttributes,
  type SignedAttributes,
  type SignedAttributesProfile,
  valuesOf,
} from './attributes.ts'
export {
  addUnsignedAttribute,
  assembleSignedData,
  parseSignedData,
  type SignedData,
  type SignedDataParts,
  type SignerIdentifier,
  type SignerInfo,
} from './signed-data.ts'
export {
  type EssCertId,
  essCertIdOf,
  type IssuerSerial,
  isSigningCertificate,
} from './signing-certificate.ts'
export { signatureTimeStamp, signatureTimeStampsOf } from './time-stamp-attribute.ts'
export {
  certificateOfSigner,
  type SignedContent,
  type SignerOptions,
  type SignerProblem,
  type SignerVerdict,
  verifySignedData,
  verifySignerInfo,
} from './verify.ts'
