export {
  archiveImprintInput,
  archiveTimeStamp,
  archiveTimeStampsOf,
  buildHashIndex,
  type HashIndex,
  type HashIndexInput,
  hashIndexInput,
  hashIndexOf,
  withHashIndex,
} from './archive-time-stamp.ts'
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
export { COMMITMENT_TYPES } from './claims/commitment-type.ts'
export type { ContentHints, ContentReference } from './claims/content-type-claims.ts'
export type { SignaturePolicy } from './claims/signature-policy.ts'
export { readSignerClaims, type SignerClaims, signerClaims } from './claims/signer-claims.ts'
export type { SignerLocation } from './claims/signer-location.ts'
export {
  type AttachedForm,
  attachedForm,
  CONTENT_HEAD_BYTES,
  type ContentExtent,
  contentExtentIn,
  detachedForm,
} from './content-form.ts'
export { counterSignature, counterSignatureValuesOf, parseCounterSignature } from './counter-signature.ts'
export { addUnsignedAttribute, extendSignedData, type SignedDataAdditions, withSigner } from './extend.ts'
export { ocspResponsesIn, ocspRevocationInfo } from './revocation-info.ts'
export {
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
