export { authorizeResponse, cscErrorBody, handleResponse, MAX_HASHES, nothing } from './common.ts'
export {
  authenticationObject,
  credentialsAuthorizeRequest,
  credentialsExtendTransactionRequest,
  credentialsInfoRequest,
  credentialsInfoResponse,
  credentialsListRequest,
  credentialsListResponse,
} from './credentials.ts'
export { allSpecs, type Edition, editionOf, editions, isSince, type Specs } from './edition.ts'
export {
  asV1Says,
  type Form,
  type Formed,
  flag,
  from,
  type InEdition,
  integer,
  isRecord,
  type Json,
  type JsonSchema,
  lenient,
  list,
  type Member,
  type Members,
  type ObjectForm,
  type ObjectOf,
  object,
  oneOf,
  onlyV1,
  onlyV2,
  optional,
  orNull,
  required,
  requiredInV1,
  text,
} from './form.ts'
export { infoRequest, infoResponse } from './info.ts'
export type {
  AuthenticationObject,
  AuthorizationDetail,
  AuthorizeResponse,
  CredentialInfo,
  CredentialsListRequest,
  CredentialsListResponse,
  CscErrorBody,
  DocumentDigest,
  InfoResponse,
  SignHashRequest,
  SignHashResponse,
} from './messages.ts'
export { signHashRequest, signHashResponse } from './signatures.ts'
