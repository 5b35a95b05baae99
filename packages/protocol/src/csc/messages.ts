/**
 * Messages of the public API as clients of v2 write and read them, and `authorization_details`, which stand in OAuth
 * requests: CSC API v2.0.0.2, 8.4 and 11. Wire names unaltered.
 */
import type { authorizeResponse, cscErrorBody } from './common.ts'
import type {
  authenticationObject,
  credentialsInfoResponse,
  credentialsListRequest,
  credentialsListResponse,
} from './credentials.ts'
import type { Formed, InEdition } from './form.ts'
import type { infoResponse } from './info.ts'
import type {
  signDocRequest,
  signDocResponse,
  signHashRequest,
  signHashResponse,
  signPollingRequest,
  signPollingResponse,
  timestampRequest,
  timestampResponse,
} from './signatures.ts'

export type CscErrorBody = InEdition<typeof cscErrorBody, 'v2'>
export type InfoResponse = InEdition<typeof infoResponse, 'v2'>
export type CredentialsListRequest = InEdition<typeof credentialsListRequest, 'v2'>
export type CredentialsListResponse = InEdition<typeof credentialsListResponse, 'v2'>
export type CredentialInfo = InEdition<typeof credentialsInfoResponse, 'v2'>
export type AuthenticationObject = Formed<typeof authenticationObject>
export type AuthorizeResponse = InEdition<typeof authorizeResponse, 'v2'>
export type SignHashRequest = InEdition<typeof signHashRequest, 'v2'>
export type SignHashResponse = InEdition<typeof signHashResponse, 'v2'>
export type SignDocRequest = InEdition<typeof signDocRequest, 'v2'>
export type SignDocResponse = InEdition<typeof signDocResponse, 'v2'>
export type SignPollingRequest = InEdition<typeof signPollingRequest, 'v2'>
export type SignPollingResponse = InEdition<typeof signPollingResponse, 'v2'>
export type TimestampRequest = InEdition<typeof timestampRequest, 'v2'>
export type TimestampResponse = InEdition<typeof timestampResponse, 'v2'>

/**
 * 8.4.4 authorization_details of type `credential` (RFC 9396).
 *
 * `dtbs` and `documentDigest` are ours: the preimage of `hash` and the digest of the prepared document, so that
 * the approval page can check what it shows (sole-control 4). Other servers ignore them.
 */
export interface AuthorizationDetail {
  readonly type: 'credential'
  readonly credentialID: string
  readonly numSignatures?: number
  readonly documentDigests: readonly DocumentDigest[]
  readonly hashAlgorithmOID: string
  /** Ours: where the signer's browser can fetch the documents. Only in a signed request (RFC 9101). */
  readonly documentLocations?: readonly {
    readonly uri: string
    readonly method?: { readonly type: 'public' }
  }[]
}

export interface DocumentDigest {
  /** Base64 of the DTBS/R, or of what `hashType` says. */
  readonly hash: string
  readonly label?: string
  /** What `hash` is a digest of (v2.2); `dtbsr` where it is not said. Clients write it in capitals too. */
  readonly hashType?: 'dtbsr' | 'sdr' | 'sodr' | 'DTBSR' | 'SDR' | 'SODR'
  /** Base64 of the DER signed attributes whose digest is `hash`. */
  readonly dtbs?: string
  /** Base64 of the digest of the prepared document. */
  readonly documentDigest?: string
}
