/**
 * Logout tokens: an identity provider says that somebody logged out there (OpenID Connect Back-Channel Logout 1.0, 2.4).
 *
 * One that names no person but a session only is not read: sessions there are nobody's business here. Its event and its
 * lack of a nonce keep it apart from an ID token (2.6).
 */
import type { Verifier } from '@natsuin/pki/platform'
import { record, type Shape, type Shaped, ShapeError } from '../shape/shape.ts'
import {
  audience,
  claimSeconds,
  claimText,
  openSignedToken,
  peekSignedToken,
  type Signing,
  subjectText,
} from './signed-token.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

const loggedOut: Shape<typeof EVENT> = (value, path = '') => {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, EVENT)) return EVENT
  throw new ShapeError(path, EVENT)
}

const members = {
  iss: claimText,
  sub: subjectText,
  aud: audience,
  iat: claimSeconds,
  jti: claimText,
  events: loggedOut,
}
const claims = record(members)

export type LogoutToken = Shaped<typeof claims>

// The nonce is read so that its presence is refused: the shape has no such member.
const LOGOUT_TOKEN = { typ: /^(?:logout\+jwt|JWT)$/i, names: [...Object.keys(members), 'nonce'], claims }

/** `undefined` when none of the provider's keys signed it. @throws ShapeError when the text is no logout token */
export function openLogoutToken(
  token: string,
  provider: Signing,
  verifier: Verifier,
): Promise<LogoutToken | undefined> {
  return openSignedToken(token, LOGOUT_TOKEN, provider, verifier)
}

/** What it says, without looking at the signature: only for finding out whose it is. @throws ShapeError */
export function peekLogoutToken(token: string): LogoutToken {
  return peekSignedToken(token, LOGOUT_TOKEN)
}
