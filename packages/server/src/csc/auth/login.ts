/**
 * auth/login — a service token for an application password. CSC API v1.0.4.0 and v2.0.0.2, 11.2, which would rather have
 * OAuth: offered where the operator names the client that such software acts through.
 */
import { authLoginRequest, authLoginResponse } from '@natsuin/protocol/csc'
import { RequestRefused } from '../errors.ts'
import { cscMethod } from '../method.ts'
import { logInHeader, userAndPasswordOf } from './log-in-header.ts'

export const authLogin = cscMethod({
  summary: 'Logs software of a signer in, with an application password or a refresh token.',
  access: logInHeader,
  request: authLoginRequest,
  answers: { 200: authLoginResponse },
  offered: ({ logInTokens }) => logInTokens !== undefined,

  async handle({ request, access: { authorization } }, { logInTokens }) {
    if (logInTokens === undefined) throw new RequestRefused('method-not-implemented')
    const { refresh_token: refreshToken, rememberMe = false } = request
    // One or the other.
    if (refreshToken !== undefined && authorization !== undefined) {
      throw new RequestRefused('authentication-malformed')
    }
    const {
      accessToken,
      refreshToken: next,
      expiresIn,
    } = refreshToken === undefined
      ? await logInTokens.logIn({ ...userAndPasswordOf(authorization), remember: rememberMe })
      : await logInTokens.refresh(refreshToken, rememberMe)
    return {
      access_token: accessToken,
      ...(next !== undefined && { refresh_token: next }),
      expires_in: expiresIn,
    }
  },
})
