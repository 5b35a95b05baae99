/**
 * The header of `auth/login`: `Basic`, or none beside a refresh token. CSC API v1.0.4.0 and v2.0.0.2, 11.2; RFC 7617, 2.
 */
import { basicOf } from '../../http/authorization.ts'
import type { Admission } from '../admission.ts'
import { RequestRefused } from '../errors.ts'

export interface LogInHeader {
  readonly clientId: undefined
  /** `Authorization`, as it came. */
  readonly authorization: string | undefined
}

/** Anybody may try. */
export const logInHeader: Admission<LogInHeader> = {
  scheme: 'password',
  admit: async ({ headers: { authorization } }) => ({ clientId: undefined, authorization }),
}

export interface UserAndPassword {
  readonly user: string
  readonly password: string
}

/** @throws RequestRefused */
export function userAndPasswordOf(authorization: string | undefined): UserAndPassword {
  const text = basicOf(authorization)
  if (text === undefined) throw new RequestRefused('authentication-malformed')
  // The first colon: none can be in the name, and there may be more in a password.
  const at = text.indexOf(':')
  if (at < 1) throw new RequestRefused('user-password-malformed')
  return { user: text.slice(0, at), password: text.slice(at + 1) }
}
