/**
 * An identity provider whose log-in approves (sole-control 7), as the SAM knows it: whom it asks, which keys it believes,
 * and what a log-in there is worth.
 *
 * All of it is decided by people of the roster and sealed. Nothing is discovered while the service runs, so nobody
 * between the SAM and the provider can put other keys or addresses in their place.
 */
import { base64url, list, oneOf, optional, record, type Shaped, text } from '../shape/shape.ts'
import { identifier } from './names.ts'
import { visibleText } from './subject.ts'

const PRINTABLE = /^[\x21-\x7e]+$/

/** Without query and fragment (OpenID Connect Core 1.0, 2: `iss`): what is asked there brings a query of its own. */
const address = text({ max: 300, pattern: /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/ })

/** JOSE names (RFC 7518, 3.1; RFC 8037, 3.1). RS256 is what providers sign with unless told otherwise. */
export const idTokenAlgorithm = oneOf('RS256', 'PS256', 'ES256', 'EdDSA')

/** A key with which the provider signs ID tokens, and the one algorithm that it is used with. */
export const providerKey = record({
  /** How ID tokens name it (RFC 7515, 4.1.4). */
  kid: text({ max: 128, pattern: PRINTABLE }),
  algorithm: idTokenAlgorithm,
  /** DER SubjectPublicKeyInfo. */
  publicKey: base64url({ min: 44, max: 600 }),
})

const claimedNames = list(text({ max: 255, pattern: PRINTABLE }), { min: 1, max: 10 })

/** What an ID token has to say of the log-in, to count for credentials of a level. */
export const assurance = record({
  level: oneOf(1, 2, 3),
  /** It names one of these authentication contexts. Absent: whatever it names. */
  acrs: optional(claimedNames),
  /** It names all of these methods (RFC 8176). Absent: whatever it names. */
  amrs: optional(claimedNames),
})

export const identityProvider = record({
  id: identifier,
  name: visibleText(255),
  issuer: address,
  authorizationEndpoint: address,
  tokenEndpoint: address,
  /** Of the approval client, which is used for nothing else. */
  clientId: text({ max: 255, pattern: PRINTABLE }),
  keys: list(providerKey, { min: 1, max: 8 }),
  /** For a level that is not among them it vouches for nobody. */
  assurances: list(assurance, { min: 1, max: 3 }),
})

export const idTokenText = text({ max: 16384, pattern: /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/ })

/** What the page got for a log-in, and what it had promised with (RFC 6749, A.11; RFC 7636, 4.1). */
export const givenCode = record({
  code: text({ max: 2048, pattern: PRINTABLE }),
  codeVerifier: text({ min: 43, max: 128, pattern: /^[A-Za-z0-9._~-]+$/ }),
})

/** Where the provider sends people back to: a page of the approval origin, which is the redirect URI. */
export const PROVIDER_CALLBACK = '/provider.html'

/** Who somebody is at his provider: issuer and subject, and nothing else (OpenID Connect Core 1.0, 5.7). */
export const providerAccount = record({
  providerId: identifier,
  issuer: address,
  subject: text({ max: 255, pattern: /^[\x20-\x7e]+$/ }),
})

export type IdentityProvider = Shaped<typeof identityProvider>
export type ProviderKey = Shaped<typeof providerKey>
export type ProviderAccount = Shaped<typeof providerAccount>
export type Assurance = Shaped<typeof assurance>
export type GivenCode = Shaped<typeof givenCode>
