/** What the service gives out: tokens and SADs. All of it is secret, plain data, and can be kept as JSON. */
import { UnexpectedAnswer } from './csc-error.ts'
import { type Members, membersOf, numberOr, optionalText, textOf } from './json.ts'

/** An access token, of `oauth2/token` or of `auth/login`. */
export interface Token {
  readonly accessToken: string
  /** How it is presented. `SAD`: v1 calls a token of scope `credential` so; it goes beside a service token. */
  readonly type: 'Bearer' | 'DPoP' | 'SAD'
  /** Seconds, from when it was issued. */
  readonly expiresInSeconds: number
  readonly refreshToken?: string
  /** Which credential the service chose, where the request left it open. */
  readonly credentialID?: string
  /** What was authorised, as it was asked for and the service completed it. */
  readonly authorizationDetails?: readonly Members[]
}

/** Signature activation data: what allows the signatures that were approved. */
export interface Sad {
  readonly sad: string
  /** Seconds, from when it was issued. */
  readonly expiresInSeconds: number
}

/** An approval that the signer is still busy with elsewhere. */
export interface PendingApproval {
  /** The newest is the one to ask with. */
  readonly handle: string
  /** When the service would like to be asked. */
  readonly retryAfterSeconds?: number
}

/** CSC API v2.0.0.2, 8.4.4, 11.2 and 11.6: an hour, where it is not said. */
const DEFAULT_SECONDS = 3600

const TYPES = { bearer: 'Bearer', dpop: 'DPoP', sad: 'SAD' } as const

/** @throws UnexpectedAnswer */
export function readToken(answer: unknown): Token {
  const { access_token, token_type, expires_in, refresh_token, credentialID, ...more } = membersOf(answer)
  const details = more['authorization_details']
  const type = TYPES[(optionalText(token_type) ?? 'Bearer').toLowerCase() as keyof typeof TYPES]
  if (type === undefined) throw new UnexpectedAnswer('a token of an unknown type')
  const [refreshToken, chosen] = [optionalText(refresh_token), optionalText(credentialID)]
  return {
    accessToken: textOf(access_token, 'access_token'),
    type,
    expiresInSeconds: numberOr(expires_in, DEFAULT_SECONDS),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(chosen !== undefined && { credentialID: chosen }),
    ...(Array.isArray(details) && { authorizationDetails: details.map(one => membersOf(one)) }),
  }
}

/** @throws UnexpectedAnswer */
export function readSad(answer: unknown): Sad {
  const { SAD, expiresIn } = membersOf(answer)
  return { sad: textOf(SAD, 'SAD'), expiresInSeconds: numberOr(expiresIn, DEFAULT_SECONDS) }
}
