export type {
  AuthorizationDetail,
  CredentialInfo,
  CredentialsListRequest,
  CredentialsListResponse,
  CscErrorBody,
  DocumentDigest,
  InfoResponse,
  SignHashRequest,
  SignHashResponse,
} from './messages.ts'
