/**
 * What the page was opened for: read from the URL's fragment, which browsers send to no server.
 *
 * The fragment of an enrolment holds the private half of the one-time enrolment key (sole-control 6), so it is
 * taken out of the address bar and the history before anything else happens.
 */
import { fromBase64url } from '@natsuin/pki/encoding'

export type Errand =
  | { readonly kind: 'approve'; readonly handle: string }
  | { readonly kind: 'enrol'; readonly grantId: string; readonly enrolmentKey: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'passkey'; readonly handle: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }

/** A P-256 key in PKCS#8 has 67 bytes (RFC 5958 without the public half) to 138 (OpenSSL's and WebCrypto's). */
const KEY_BYTES = { min: 60, max: 200 }

/** @param fragment `location.hash`: `#approve=<handle>`, `#passkey=<handle>` or `#enrol=<grant>&key=<base64url PKCS#8>` */
export function readErrand(fragment: string): Errand {
  if (fragment === '' || fragment === '#') return { kind: 'none' }
  const [, kind, handle] = /^#(approve|passkey)=([A-Za-z0-9_-]{1,128})$/.exec(fragment) ?? []
  if (handle !== undefined) return { kind: kind === 'approve' ? 'approve' : 'passkey', handle }
  const [, grantId, key] = /^#enrol=([A-Za-z0-9_-]{1,64})&key=([A-Za-z0-9_-]+)$/.exec(fragment) ?? []
  return grantId === undefined ? { kind: 'malformed' } : enrolErrand(grantId, fromBase64url(key ?? ''))
}

function enrolErrand(grantId: string, enrolmentKey: Uint8Array<ArrayBuffer> | undefined): Errand {
  if (enrolmentKey === undefined) return { kind: 'malformed' }
  const { length } = enrolmentKey
  if (length < KEY_BYTES.min || length > KEY_BYTES.max) return { kind: 'malformed' }
  return { kind: 'enrol', grantId, enrolmentKey }
}

/** Reads the errand and leaves an address without it, also in the history. */
export function takeErrand(at: Location, history: History): Errand {
  const errand = readErrand(at.hash)
  history.replaceState(null, '', at.pathname)
  return errand
}
