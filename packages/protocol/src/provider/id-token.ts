/**
 * ID tokens: what an identity provider says of a log-in (OpenID Connect Core 1.0, 2), read by the SAM when it is
 * given one and by a verifier of evidence later.
 */
import type { Verifier } from '@natsuin/pki/platform'
import { list, optional, record, type Shaped } from '../shape/shape.ts'
import {
  audience,
  claimSeconds,
  claimText,
  openSignedToken,
  type Signing,
  subjectText,
} from './signed-token.ts'

const members = {
  iss: claimText,
  sub: subjectText,
  aud: audience,
  azp: optional(claimText),
  exp: claimSeconds,
  iat: claimSeconds,
  auth_time: optional(claimSeconds),
  nonce: optional(claimText),
  acr: optional(claimText),
  amr: optional(list(claimText, { max: 20 })),
}
const claims = record(members)

export type IdToken = Shaped<typeof claims>

const ID_TOKEN = { typ: /^JWT$/i, names: Object.keys(members), claims }

/**
 * What the token says, if one of the provider's keys signed it; else `undefined`. Whether it is for us, about whom and
 * how old, is for the caller.
 *
 * @throws ShapeError when the text is no ID token that we read
 */
export function openIdToken(
  token: string,
  provider: Signing,
  verifier: Verifier,
): Promise<IdToken | undefined> {
  return openSignedToken(token, ID_TOKEN, provider, verifier)
}
