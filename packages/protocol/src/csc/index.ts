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
