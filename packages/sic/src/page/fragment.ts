/**
 * What the page was opened for: read from the URL's fragment, which browsers send to no server.
 *
 * The fragment of an enrolment holds the private half of the one-time enrolment key (sole-control 6), so it is
 * taken out of the address bar and the history before anything else happens.
 */
import { fromBase64url } from '@natsuin/pki/encoding'
import {
  type CarriedApproval,
  type CarriedRequest,
  carriedApproval,
  carriedRequest,
  type InvitedPerson,
  invitedPerson,
  readCarried,
} from '@natsuin/protocol/administration'
import { type Shape, ShapeError } from '@natsuin/protocol/shape'

export type Errand =
  | { readonly kind: 'approve'; readonly handle: string }
  | { readonly kind: 'enrol'; readonly grantId: string; readonly enrolmentKey: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'passkey'; readonly handle: string }
  /** Somebody of the roster is asked to approve a request that the SAM has. */
  | { readonly kind: 'administer'; readonly requestId: string; readonly personId: string }
  /** The same, all of it carried by hand. */
  | { readonly kind: 'carried'; readonly carried: CarriedRequest }
  /** Somebody who is to be in the roster is asked for a passkey. */
  | { readonly kind: 'register'; readonly invited: InvitedPerson }
  /** A registration officer is about to vouch for somebody. */
  | { readonly kind: 'officer'; readonly officerId: string }
  /** Another one is asked to vouch for the same. */
  | { readonly kind: 'vouch'; readonly first: CarriedApproval }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }

/** A P-256 key in PKCS#8 has 67 bytes (RFC 5958 without the public half) to 138 (OpenSSL's and WebCrypto's). */
const KEY_BYTES = { min: 60, max: 200 }

/** What stands after each word: a handle, an identifier, or a code of protocol/administration. */
const ERRANDS: readonly (readonly [RegExp, (one: string, other: string) => Errand | undefined])[] = [
  [/^#approve=([A-Za-z0-9_-]{1,128})$/, handle => ({ kind: 'approve', handle })],
  [/^#passkey=([A-Za-z0-9_-]{1,128})$/, handle => ({ kind: 'passkey', handle })],
  [/^#enrol=([A-Za-z0-9_-]{1,64})&key=([A-Za-z0-9_-]+)$/, enrolErrand],
  [
    /^#administer=([A-Za-z0-9_-]{1,64})&as=([A-Za-z0-9_-]{1,64})$/,
    (requestId, personId) => ({ kind: 'administer', requestId, personId }),
  ],
  [/^#officer=([A-Za-z0-9_-]{1,64})$/, officerId => ({ kind: 'officer', officerId })],
  [
    /^#carried=([A-Za-z0-9_-]+)$/,
    code => carriedIn(code, carriedRequest, carried => ({ kind: 'carried', carried })),
  ],
  [
    /^#register=([A-Za-z0-9_-]+)$/,
    code => carriedIn(code, invitedPerson, invited => ({ kind: 'register', invited })),
  ],
  [
    /^#vouch=([A-Za-z0-9_-]+)$/,
    code => carriedIn(code, carriedApproval, first => ({ kind: 'vouch', first })),
  ],
]

/** @param fragment `location.hash`, as `ERRANDS` has it */
export function readErrand(fragment: string): Errand {
  if (fragment === '' || fragment === '#') return { kind: 'none' }
  for (const [pattern, errandOf] of ERRANDS) {
    const [, one, other = ''] = pattern.exec(fragment) ?? []
    if (one !== undefined) return errandOf(one, other) ?? { kind: 'malformed' }
  }
  return { kind: 'malformed' }
}

function enrolErrand(grantId: string, key: string): Errand | undefined {
  const enrolmentKey = fromBase64url(key)
  if (enrolmentKey === undefined) return undefined
  const { length } = enrolmentKey
  if (length < KEY_BYTES.min || length > KEY_BYTES.max) return undefined
  return { kind: 'enrol', grantId, enrolmentKey }
}

function carriedIn<T>(code: string, shape: Shape<T>, errandOf: (carried: T) => Errand): Errand | undefined {
  try {
    return errandOf(readCarried(code, shape))
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

/** Reads the errand and leaves an address without it, also in the history. */
export function takeErrand(at: Location, history: History): Errand {
  const errand = readErrand(at.hash)
  history.replaceState(null, '', at.pathname)
  return errand
}
