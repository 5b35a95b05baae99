/**
 * Refusals as our own pages hear them: `{error: <code>, error_description}`. The pages have the sentences, in
 * the signer's language; the description is for whoever reads the network log.
 */

import type { TokenRefusal } from '../oauth/access-tokens.ts'
import type { RefusalCode } from '../signing/refusals.ts'

type Status = 400 | 401 | 403 | 404 | 409 | 410 | 503

/** Codes that are not simply a bad request. */
const STATUS: Readonly<Partial<Record<RefusalCode | TokenRefusal, Status>>> = {
  'token-invalid': 401,
  'token-expired': 401,
  'token-bound-to-key': 401,
  'token-bound-to-certificate': 401,
  'proof-invalid': 401,
  'proof-nonce': 401,
  'account-token-invalid': 401,
  'account-session-over': 401,
  'passkey-invalid': 401,
  'client-unauthenticated': 401,
  'client-profile-too-low': 403,
  'log-in-unknown': 410,
  'log-in-foreign-browser': 403,
  'log-in-provider-closed': 410,
  'log-in-provider-away': 503,
  'log-in-elsewhere-refused': 403,
  'log-in-unlinked': 403,
  'session-other-signer': 403,
  'user-not-verified': 403,
  'approval-unknown': 404,
  'change-unknown': 404,
  'signer-unknown': 404,
  'credential-unknown': 404,
  'grant-unknown': 404,
  'person-unknown': 404,
  'role-refused': 403,
  'request-unknown': 404,
  'request-about-oneself': 403,
  'request-expired': 410,
  'request-closed': 409,
  'request-approved-already': 409,
  'roster-changed': 409,
  'change-refused': 409,
  'signature-unknown': 404,
  'response-unknown': 404,
  'approval-expired': 410,
  'ticket-expired': 410,
  'grant-expired': 410,
  'request-object-expired': 410,
  'approval-closed': 409,
  'request-object-spent': 409,
  'ticket-spent': 409,
  'grant-spent': 409,
  'enrolment-differs': 409,
  'authenticator-registered': 409,
  'record-altered': 503,
  'log-unavailable': 503,
  'time-untrusted': 503,
  'module-unavailable': 503,
  'store-unavailable': 503,
  'peer-unavailable': 503,
  'documents-busy': 503,
  'time-stamp-unavailable': 503,
}

export function pageStatus(code: string): Status {
  return STATUS[code as RefusalCode] ?? 400
}
