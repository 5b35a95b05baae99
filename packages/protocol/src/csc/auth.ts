/** auth/*: CSC API v1.0.4.0 and v2.0.0.2, 11.2 and 11.3. */
import { commonMembers } from './common.ts'
import { flag, integer, object, oneOf, optional, required, text } from './form.ts'

const token = text({ min: 1, max: 512, pattern: /^[A-Za-z0-9._~+/-]+=*$/ })

/** 11.2 auth/login: with user and password in the header, or with a refresh token here. */
export const authLoginRequest = object({
  ...commonMembers,
  refresh_token: optional(token),
  rememberMe: optional(flag),
})
export const authLoginResponse = object({
  access_token: required(text()),
  refresh_token: optional(text()),
  /** Seconds. */
  expires_in: optional(integer({ min: 1 })),
})

/** 11.3 auth/revoke. */
export const authRevokeRequest = object({
  ...commonMembers,
  token: required(text({ min: 1 })),
  token_type_hint: optional(oneOf('access_token', 'refresh_token')),
})
