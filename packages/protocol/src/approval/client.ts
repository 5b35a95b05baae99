/**
 * An application as the SAM knows it: by the name that signers are shown, by the keys that it signs its requests
 * with, and by the web origins whose windows may hand documents over.
 */
import { base64url, list, optional, record, type Shaped, text } from '../shape/shape.ts'
import { identifier } from './names.ts'
import { visibleText } from './subject.ts'

/** A key that a client signs request objects with (RFC 9101). Its kind decides the algorithm. */
export const clientKey = record({
  /** How request objects name it (RFC 7515, 4.1.4). */
  kid: identifier,
  /** DER SubjectPublicKeyInfo: P-256, RSA or Ed25519. */
  publicKey: base64url({ min: 44, max: 600 }),
})

/** Scheme, host and port as browsers spell them (RFC 6454, 6.2). */
const webOrigin = text({ max: 200, pattern: /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/ })

export const knownClient = record({
  id: identifier,
  name: visibleText(255),
  /** Absent: the client vouches for nothing. */
  keys: optional(list(clientKey, { min: 1, max: 4 })),
  /** Absent: no window hands documents over. */
  origins: optional(list(webOrigin, { min: 1, max: 4 })),
})

export type KnownClient = Shaped<typeof knownClient>
export type ClientKey = Shaped<typeof clientKey>
