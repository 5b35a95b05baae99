/** `auth/login` and `auth/revoke`: CSC API v1.0.4.0 and v2.0.0.2, 11.2 and 11.3. */
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import { readToken, type Token } from '../token.ts'
import type { CscService, MethodOptions } from './service.ts'

/** Who logs in: by name and password (RFC 7617), or by the refresh token of an earlier log-in. */
export type LogIn =
  | {
      readonly user: string
      readonly password: string
      /** Whether a refresh token is wanted. */
      readonly rememberMe?: boolean
    }
  | { readonly refreshToken: string; readonly rememberMe?: boolean }

export async function authLogin(service: CscService, by: LogIn, options: MethodOptions): Promise<Token> {
  const { rememberMe } = by
  const shown =
    'user' in by
      ? {
          headers: { authorization: `Basic ${toBase64(utf8(`${by.user}:${by.password}`))}` },
          body: { rememberMe },
        }
      : { headers: {}, body: { rememberMe, refresh_token: by.refreshToken } }
  // Not by itself again: a service may count failures, and a refresh token may be good for one.
  const call = { token: undefined, repeatable: 'when-refused', headers: shown.headers } as const
  return readToken((await service.call('auth/login', shown.body, call, options)).body)
}

export async function authRevoke(
  service: CscService,
  token: Token,
  what: Revoked,
  options: MethodOptions,
): Promise<void> {
  const { value, hint: token_type_hint } = revoked(token, what)
  await service.call('auth/revoke', { token: value, token_type_hint }, { token }, options)
}

/** The token itself, or, with its refresh token, all that came of the same log-in. */
export type Revoked = 'access-token' | 'refresh-token'

export function revoked(token: Token, what: Revoked) {
  return what === 'refresh-token' && token.refreshToken !== undefined
    ? { value: token.refreshToken, hint: 'refresh_token' }
    : { value: token.accessToken, hint: 'access_token' }
}
