export {
  DETAIL_TYPES,
  defaultLabel,
  hashTypeWord,
  readAuthorizationDetails,
} from './authorization-details.ts'
export {
  ACT_TYPES,
  type CredentialAct,
  isCredentialAct,
  readCredentialAct,
} from './credential-acts.ts'
export {
  openRequestObject,
  peekRequestObject,
  REQUEST_ALGORITHMS,
  REQUEST_OBJECT_TYPE,
  type RequestAlgorithm,
  type RequestObject,
  type RequestParties,
} from './request-object.ts'
export {
  itemOf,
  MAX_SIGNATURES,
  type RequestedDocument,
  type RequestedItem,
  type RequestedRepresentation,
  type RequestedSignatures,
  requestedItem,
  requestedSignatures,
} from './requested-signatures.ts'
