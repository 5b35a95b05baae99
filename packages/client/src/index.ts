export type { Edition } from '@natsuin/protocol/csc'
export { type CscClient, type CscClientOptions, createCscClient } from './client.ts'
export type {
  AuthenticationData,
  AuthorizeRequest,
  ChallengeRequest,
  ExtendRequest,
  Hashes,
} from './csc/authorize.ts'
export type { AuthenticationObject, CredentialInfo } from './csc/credential-info.ts'
export type {
  CreatedCredential,
  CreateRequest,
  CredentialDetails,
  CredentialsList,
  DeleteRequest,
  ListRequest,
} from './csc/credentials.ts'

export type { LogIn, Revoked } from './csc/log-in.ts'
export type { MethodOptions } from './csc/service.ts'
export type { OAuthServerInfo, ServiceInfo } from './csc/service-info.ts'
export type {
  DigestsToSign,
  DocumentToSign,
  OpenStream,
  PollingOptions,
  PollingRequest,
  PollingResult,
  ResultMember,
  SignatureWishes,
  SignDocOptions,
  SignDocRequest,
  SignedObjects,
  SignedProperty,
  StillRunning,
  ValidationInfo,
} from './csc/sign-doc.ts'
export type { SignHashRequest } from './csc/sign-hash.ts'
export type { Later, SigningAuthorisation, SigningOptions } from './csc/signing.ts'
export type { TimestampRequest } from './csc/timestamp.ts'
export { CscError, type CscErrorCode, Unanswered, UnexpectedAnswer } from './csc-error.ts'
export type { Fetch } from './http/attempt.ts'
export type { CallOptions } from './http/connection.ts'
export type { RetryPolicy } from './http/repeat.ts'
export { type AccountTokenClaims, accountToken } from './oauth/account-token.ts'
export type { AuthorisationOptions, BegunAuthorisation, PendingAuthorisation } from './oauth/authorisation.ts'
export type { ClientAuthentication } from './oauth/client-authentication.ts'
export type { CredentialRequest, RequestedDigest } from './oauth/credential-request.ts'
export { type DpopKey, dpopKey, newDpopKey } from './oauth/dpop.ts'
export { type RequestSigner, requestSigner } from './oauth/request-object.ts'
export { sealedApproval } from './seal.ts'
export type { PendingApproval, Sad, Token } from './token.ts'
