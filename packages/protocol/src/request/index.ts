export { DETAIL_TYPES, defaultLabel, readAuthorizationDetails } from './authorization-details.ts'
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
  MAX_SIGNATURES,
  type RequestedItem,
  type RequestedSignatures,
  requestedSignatures,
} from './requested-signatures.ts'
