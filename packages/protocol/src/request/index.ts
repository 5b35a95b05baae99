export { DETAIL_TYPES, defaultLabel, readAuthorizationDetails } from './authorization-details.ts'
export {
  MAX_SIGNATURES,
  type RequestedItem,
  type RequestedSignatures,
  requestedSignatures,
} from './requested-signatures.ts'
