/**
 * How the use of a credential is authorised for a client: what `credentials/info` says of it, and what
 * `credentials/authorize` and `credentials/getChallenge` do. One file of this folder for each way.
 *
 * CSC API v1.0.4.0, 8.2 and 11.5; v2.0.0.2, 8.3, 11.5 and 11.6.
 */
import type {
  authenticationObject,
  authorizeResponse,
  credentialsAuthorizeRequest,
  credentialsInfoResponse,
  Edition,
  Formed,
} from '@natsuin/protocol/csc'
import type { ServiceAccess } from '../../../oauth/access-tokens.ts'
import type { Credential } from '../../../signing/credentials.ts'
import type { ApprovedHashes } from '../../hashes.ts'
import type { Reply, Services } from '../../method.ts'

type Info = Formed<typeof credentialsInfoResponse>
export type AuthenticationObject = Formed<typeof authenticationObject>

/** What of `credentials/info` follows from the way; all of it is told only when it is asked for. */
export interface Told extends Pick<Info, 'PIN' | 'OTP'> {
  /** In v1. */
  readonly authMode: NonNullable<Info['authMode']>
  readonly mode: NonNullable<Info['auth']>['mode']
  readonly SCAL: NonNullable<Info['SCAL']>
  readonly expression?: string
  readonly objects: readonly AuthenticationObject[]
}

export interface ToAuthorize {
  readonly request: Formed<typeof credentialsAuthorizeRequest>
  readonly approved: ApprovedHashes
  readonly access: ServiceAccess
  readonly credential: Credential
  readonly edition: Edition
}

export interface ToChallenge {
  readonly credentialId: string
  readonly clientId: string
}

export interface Way {
  readonly told: Told
  /** Undefined: authorised elsewhere. */
  readonly authorize?: (
    asked: ToAuthorize,
    services: Services,
  ) => Promise<Formed<typeof authorizeResponse> | Reply>
  /** Of the object that wants one first. */
  readonly challenge?: {
    readonly id: string
    readonly make: (asked: ToChallenge, services: Services) => Promise<Reply>
  }
}
