export type { BegunAuthorisation, PendingAuthorisation, Token } from './authorisation.ts'
export { type CscClient, type CscClientOptions, createCscClient } from './client.ts'
export { CscError, UnexpectedAnswer } from './csc-error.ts'
export { type RequestSigner, requestSigner } from './request-object.ts'
